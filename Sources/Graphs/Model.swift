package import Tensors

/// A quantized network with everything needed to use it: the content of one model file.
package struct Model: Sendable, Equatable {
    package var graph: QuantizedGraph
    package var preprocessing: Preprocessing
    /// One per logit, in order.
    package var labels: [String]
    /// Softmax is taken of `logits / temperature`; calibrated on held-out photos, 1 where nobody did.
    package var temperature: Float
    /// A result whose best score is below this is `unknown`; 0 switches the rule off.
    package var unknownThreshold: Float
    package var provenance: Provenance

    package init(
        graph: QuantizedGraph, preprocessing: Preprocessing, labels: [String], temperature: Float,
        unknownThreshold: Float, provenance: Provenance
    ) {
        self.graph = graph
        self.preprocessing = preprocessing
        self.labels = labels
        self.temperature = temperature
        self.unknownThreshold = unknownThreshold
        self.provenance = provenance
    }
}

/// Where a model comes from; shown by `tarsier inspect model`.
package struct Provenance: Sendable, Equatable {
    /// SHA-256 of the float weights file, lower-case hexadecimal.
    package var sourceSHA256: String
    /// SHA-256 over the sorted digests of the calibration pictures; empty when there were none.
    package var calibrationDigest: String
    /// Number of calibration pictures.
    package var calibrationImages: Int
    /// How ranges were chosen, such as `percentile-99.99`.
    package var method: String
    /// Free text from the weights file: data, settings, licence.
    package var source: String

    package init(
        sourceSHA256: String, calibrationDigest: String, calibrationImages: Int, method: String, source: String
    ) {
        self.sourceSHA256 = sourceSHA256
        self.calibrationDigest = calibrationDigest
        self.calibrationImages = calibrationImages
        self.method = method
        self.source = source
    }
}
