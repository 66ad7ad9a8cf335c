import Graphs

/// What a name of a foreign graph stands for while it is translated.
enum ONNXSymbol {
    /// A value of our graph; there [N, C, H, W], here [H][W][C].
    case value(Int)
    /// The same flattened to [N, C * H * W].
    case flat(Int)
    case constant(ForeignTensor)
    /// A value seen as [N, groups, C / groups, H, W].
    case grouped(Int, groups: Int)
    /// The same as [N, C / groups, groups, H, W].
    case regrouped(Int, groups: Int)
    /// A value with zeros around it, for a convolution or a mean to take up.
    case padded(Int, Padding)
}
