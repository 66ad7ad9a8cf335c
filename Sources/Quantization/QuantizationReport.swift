/// What quantization did to a network, layer by layer.
package struct QuantizationReport: Sendable, Equatable {
    package struct Layer: Sendable, Equatable {
        package var name: String
        /// Signal-to-noise ratio of the layer's output in the whole integer network against the float network; nil when
        /// the layer's output is always zero.
        package var sqnrDecibels: Double?
        /// Least and largest weight, batch normalisation folded in; 0 and 0 for a layer without weights.
        package var weightRange: ClosedRange<Float>
        /// Least and largest value that occurred in the float network.
        package var observedRange: ClosedRange<Float>
        /// Real values that the bytes span; equal to the observed range for the logits.
        package var quantizedRange: ClosedRange<Float>
        /// How the range was chosen; `logits` for the last layer, which has none.
        package var method: String
        /// Output channels whose weights are all zero.
        package var deadChannels: Int
    }

    package var layers: [Layer]
    /// Signal-to-noise ratio of the logits.
    package var outputDecibels: Double
    /// Share of the measured pictures for which both networks say the same, in [0, 1].
    package var agreement: Double
    /// Pictures that the two figures above were measured on.
    package var measuredImages: Int
    /// Pictures that ranges were chosen from.
    package var calibrationImages: Int
    /// As in the model's provenance.
    package var method: String
    /// Things to look at, one sentence each.
    package var warnings: [String]
}
