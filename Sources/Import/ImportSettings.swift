/// What a foreign file does not say of itself.
package struct ImportSettings: Sendable {
    /// Name of the network; of the file when nil.
    package var network: String?
    package var normalization: Normalization
    /// Share of the largest centred square that the network was trained to see, in (0, 1].
    package var cropFraction: Double
    /// Rows and columns where the file leaves them open.
    package var extent: Int?
    /// One a logit; numbered classes when nil.
    package var labels: [String]?

    package init(
        network: String? = nil, normalization: Normalization = .imageNet, cropFraction: Double = 1, extent: Int? = nil,
        labels: [String]? = nil
    ) {
        self.network = network
        self.normalization = normalization
        self.cropFraction = cropFraction
        self.extent = extent
        self.labels = labels
    }

    /// Pixels per real unit of the input of every imported network.
    static let ownStd: Float = 64
}
