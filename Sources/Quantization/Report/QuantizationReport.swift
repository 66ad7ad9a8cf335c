/// What quantization did to a network, layer by layer.
package struct QuantizationReport: Sendable, Equatable {
    package struct Layer: Sendable, Equatable {
        package var name: String
        /// Signal-to-noise ratio of the layer's output in the whole integer network against the float network; nil when
        /// the layer's output is always zero.
        package var sqnrDecibels: Double?
        /// Noise over signal in the whole integer network, and of the layer alone with exact inputs; of that, of int8
        /// weights alone and of int8 inputs alone. In [0, infinity).
        package var cumulativeNoise: Double
        package var ownNoise: Double
        package var weightNoise: Double
        package var activationNoise: Double
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
        /// Shares of the output's values in equal parts of the observed range; zeros are left out. Empty for the logits.
        package var histogram: [Double]
        /// Where its own noise comes from, in words.
        package var why = ""
    }

    /// What a method, or one more method, made of the network.
    package struct Step: Sendable, Equatable {
        package var name: String
        /// Of the logits, and of the logits less their mean in each picture.
        package var decibels: Double
        package var centredDecibels: Double
        package var agreement: Double
        /// Whether it is part of what was written.
        package var isChosen: Bool
    }

    package var layers: [Layer]
    /// In the order they were tried.
    package var steps: [Step]
    /// Signal-to-noise ratio of the logits.
    package var outputDecibels: Double
    /// Share of the measured pictures for which both networks say the same, in [0, 1].
    package var agreement: Double
    /// Pictures that the two figures above were measured on; no range was chosen from them when there were enough.
    package var measuredImages: Int
    /// Pictures that ranges were chosen from.
    package var calibrationImages: Int
    /// As in the model's provenance.
    package var method: String
    /// nil with a single picture.
    package var spread: RangeSpread?
    /// Logits of the float network for every picture that was seen, by number.
    package var floatLogits: [Int: [Float]]
    /// Things to look at, one sentence each.
    package var warnings: [String]

    /// The layers that add most noise of their own, worst first.
    package func layersToBlame(_ count: Int) -> [Layer] {
        Array(layers.sorted { $0.ownNoise > $1.ownNoise }.prefix(count))
    }
}
