package import Tensors

/// What a foreign file does not say of itself: how its network sees pictures, and what its outputs are called.
package struct ImportSettings: Sendable {
    /// Name of the network; of the file when nil.
    package var network: String?
    /// Of `(pixel / 255 - mean) / std`, in the order of the network's channels; what its library usually does when nil.
    package var mean: [Float]?
    package var std: [Float]?
    /// Whether the network reads blue first.
    package var readsBlueFirst = false
    /// Share of the rectangle that `fit` chooses that the network was trained to see, in (0, 1].
    package var cropFraction: Double
    /// How pictures of another shape become the input.
    package var fit = Preprocessing.Fit.crop
    /// Rows and columns where the file leaves them open.
    package var extent: Int?
    /// One a logit; numbered classes when nil.
    package var labels: [String]?
    /// What a side file asks for that is done otherwise here, one line each.
    package var notes: [String] = []

    package init(
        network: String? = nil, normalization: Normalization? = nil, cropFraction: Double = 1, extent: Int? = nil,
        labels: [String]? = nil
    ) {
        self.network = network
        (mean, std) = (normalization?.mean, normalization?.std)
        self.cropFraction = cropFraction
        self.extent = extent
        self.labels = labels
    }

    /// - Parameter usual: where nothing is given.
    func normalization(usual: Normalization) -> Normalization {
        Normalization(mean: mean ?? usual.mean, std: std ?? usual.std)
    }

    /// Pixels per real unit of the input of every imported float network.
    static let ownStd: Float = 64
}
