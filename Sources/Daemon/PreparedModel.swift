internal import Engine
internal import Graphs
internal import LinuxIO
internal import Planning
internal import Power
internal import Tensors
internal import Wire

/// A configuration's model, loaded, planned and measured: everything a run needs before its first frame.
package struct PreparedModel: Sendable {
    let path: String
    let isa: String
    let info: ModelInfo
    let inference: Inference
    /// The most threads its session can use.
    let maxThreads: Int
    let demand: Demand
    /// What inferences take here, as tuned or by a quick estimate.
    let table: LatencyTable
    /// What people should know of it, a line each: kernels that are not trusted, a tuned table that is not used.
    let remarks: [String]

    /// The most threads an inference is ever given: a board has four cores, and the network does not scale beyond.
    static let threadLimit = 4

    /// The most threads an inference is given here: CPUs of the fastest kind, since it waits for its slowest thread.
    package static var automaticThreads: Int {
        min(threadLimit, CoreTypes(allowed: AllowedCPUs.list()).fastest.count)
    }

    /// - Parameter isChecked: whether to run the self-check, which a start has no time for and a reload must.
    init(_ configuration: RunConfiguration, isChecked: Bool) throws(Failure) {
        let loaded = try LoadedModel(configuration.model)
        if let digest = configuration.modelSHA256, digest != loaded.sha256 {
            throw Failure(
                .badData,
                "\(loaded.path): has the SHA-256 \(loaded.sha256), and model-sha256 allows only \(digest); has it been changed?"
            )
        }
        let graph = loaded.model.graph
        let threads: Int
        switch configuration.threads {
        case .automatic: threads = PreparedModel.automaticThreads
        case .fixed(let count): threads = count
        }
        let trust = KernelTrust(configuration.features)
        let classifier = try Classifier(
            loaded.model, features: trust.features, maxThreads: threads, region: configuration.region)
        let session = classifier.session
        if isChecked { try SelfCheck.run(session, graph) }
        path = loaded.path
        isa = session.plan.isa
        info = ModelInfo(
            name: graph.network, sha256: loaded.sha256, labels: loaded.model.labels.count,
            input: [graph.input.height, graph.input.width, graph.input.channels])
        maxThreads = session.maxThreads
        demand = Demand(
            rate: configuration.rate, deadlineNs: configuration.deadlineMs.map { $0 * 1e6 },
            threads: configuration.threads == .automatic ? .automatic : .fixed(session.maxThreads))
        let tuned = TuningFile.find(
            at: configuration.tuning, modelSha256: loaded.sha256, features: trust.features,
            maxThreads: session.maxThreads)
        remarks = [trust.remark, tuned.remark].compactMap { $0 }
        table =
            tuned.table ?? LatencyTable.estimated(session, rate: demand.rate, deadlineNs: demand.deadlineNs)
        let smoothing = configuration.smoothing.configuration(
            isStream: configuration.isStream, unknownBelow: classifier.unknownThreshold)
        inference = Inference(
            classifier, smoothing: smoothing, gate: configuration.gate(smoothing, loaded.model.preprocessing))
    }

    /// For the op `model`.
    var loaded: ModelState.Loaded { ModelState.Loaded(path: path, info: info) }

    var description: String { "\(path), kernels \(isa)" }
}
