internal import Engine
internal import Graphs
internal import LinuxIO
internal import Planning
internal import Tensors
internal import Wire

/// A configuration's model, loaded, planned and measured: everything a run needs before its first frame.
struct PreparedModel: Sendable {
    let path: String
    let isa: String
    let info: ModelInfo
    let inference: Inference
    /// The most threads its session can use.
    let maxThreads: Int
    let budget: ThreadBudget

    /// The most threads an inference is ever given: a board has four cores, and the network does not scale beyond.
    static let threadLimit = 4

    /// - Parameter isChecked: whether to run the self-check, which a start has no time for and a reload must.
    init(_ configuration: RunConfiguration, isChecked: Bool) throws(Failure) {
        let loaded = try LoadedModel(configuration.model)
        let graph = loaded.model.graph
        let threads: Int
        switch configuration.threads {
        case .automatic: threads = min(PreparedModel.threadLimit, AllowedCPUs.count)
        case .fixed(let count): threads = count
        }
        let classifier = try Classifier(loaded.model, features: configuration.features, maxThreads: threads)
        let session = classifier.session
        if isChecked { try SelfCheck.run(session, graph) }
        path = loaded.path
        isa = session.plan.isa
        info = ModelInfo(
            name: graph.network, sha256: loaded.sha256, labels: loaded.model.labels.count,
            input: [graph.input.height, graph.input.width, graph.input.channels])
        maxThreads = session.maxThreads
        switch configuration.threads {
        case .automatic: budget = ThreadBudget.measured(session, rate: configuration.rate)
        case .fixed(let count): budget = ThreadBudget(threads: count, cause: "fixed by threads")
        }
        let smoothing = configuration.smoothing.configuration(
            isStream: configuration.isStream, unknownBelow: classifier.unknownThreshold)
        inference = Inference(classifier, smoothing: smoothing)
    }

    var description: String {
        let threads = budget.threads == 1 ? "1 thread" : "\(budget.threads) threads"
        return "\(path), kernels \(isa), \(threads) (\(budget.cause))"
    }
}
