internal import Synchronization
package import Tensors

/// What the inference thread works with: a classifier and how its labels are smoothed. A reload replaces it as a whole, between
/// two frames. Any thread may hold it; one at a time uses the classifier.
package final class Inference: Sendable {
    package let labels: [String]
    package let preprocessing: Preprocessing
    package let smoothing: SmoothingConfiguration
    private let classifier: Mutex<Classifier>

    package init(_ classifier: sending Classifier, smoothing: SmoothingConfiguration) {
        labels = classifier.labels
        preprocessing = classifier.preprocessing
        self.smoothing = smoothing
        self.classifier = Mutex(classifier)
    }

    package func withClassifier<Result: Sendable, Failure: Error>(
        _ body: (Classifier) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try classifier.withLock { (classifier) throws(Failure) in try body(classifier) }
    }
}
