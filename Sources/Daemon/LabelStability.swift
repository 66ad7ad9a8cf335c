/// Tells a label that holds from one that flickers: stable after so many equal results in a row.
struct LabelStability: Sendable {
    /// Three, as the closest peer's default: at 10 a second a change is believed after 0.3 s.
    static let needed = 3

    private var label = ""
    private var count = 0

    /// Whether the label has now held long enough.
    mutating func add(_ label: String) -> Bool {
        count = label == self.label ? count + 1 : 1
        self.label = label
        return count >= LabelStability.needed
    }
}
