extension Double {
    /// The number with so many decimals, rounded half away from zero, such as `-0.50`; nil for one that is not finite or
    /// too large for it (1e15 steps of the last decimal). No `-0.00`.
    package func fixed(_ decimals: Int) -> String? {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (abs(self) * scale).rounded()
        guard scaled.isFinite && scaled < 1e15 else { return nil }
        let digits = String(Int(scaled))
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        let sign = self < 0 && scaled > 0 ? "-" : ""
        return sign + padded.dropLast(decimals) + (decimals > 0 ? "." + padded.suffix(decimals) : "")
    }
}
