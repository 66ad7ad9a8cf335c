/// Output channels that are input channels, in another order, not all, or several times.
package enum ChannelSelection: Hashable, Sendable {
    /// `count` channels from `first` on: a split.
    case range(first: Int, count: Int)
    /// Channel i of group g becomes channel g of group i (ShuffleNet, arXiv 1707.01083).
    case shuffle(groups: Int)
    /// Every channel `copies` times, copies side by side (seed 002's expansion).
    case repeated(copies: Int)

    /// Output channels for so many input channels.
    package func outputs(inputs: Int) -> Int {
        switch self {
        case .range(_, let count): count
        case .shuffle: inputs
        case .repeated(let copies): inputs * copies
        }
    }

    /// The input channel that an output channel is.
    package func source(of channel: Int, inputs: Int) -> Int {
        switch self {
        case .range(let first, _): first + channel
        case .shuffle(let groups): channel % groups * (inputs / groups) + channel / groups
        case .repeated(let copies): channel / copies
        }
    }
}
