import Graphs
import Tensors

/// Integer graphs made in different ways, judged by their logits on pictures that were held back.
struct Competition {
    /// An integer graph with what it was made of and how well it does.
    struct Entry {
        var graph: QuantizedGraph
        let float: FloatInterpreter
        let observed: Observations
        let ranges: [ValueRange]
        let deadChannels: [[Int]]
        var fidelity: LogitFidelity
        /// What was done to the channels, such as `equalized+`; empty for the network as it came.
        let family: String
        /// As in the model's provenance.
        var description: String

        func isBetter(than other: Entry) -> Bool {
            fidelity.centred.relative < other.fidelity.centred.relative
        }
    }

    let quantizer: Quantizer
    let pictures: PictureSet
    let split: PictureSplit
    /// Of the float network, by picture.
    let logits: [Int: [Float]]
    let progress: @Sendable (Quantizer.Progress) -> Void
    /// Every way that was tried, in order.
    private(set) var steps: [QuantizationReport.Step] = []
    /// The best of each family, in the order in which families came.
    private var leaders: [Entry] = []

    init(
        quantizer: Quantizer, pictures: PictureSet, split: PictureSplit, logits: [Int: [Float]],
        progress: @escaping @Sendable (Quantizer.Progress) -> Void
    ) {
        self.quantizer = quantizer
        self.pictures = pictures
        self.split = split
        self.logits = logits
        self.progress = progress
    }

    /// Share of the plain network's noise that an equalized one has to stay below: 1.5 dB. Its clamps are nearer, and
    /// photos unlike those that were seen may reach them, which a few held-back photos do not show.
    static let margin = 0.7

    /// The least noise; an equalized network only where the plain one is clearly worse.
    /// - Throws: when nobody entered whose logits are finite.
    func winner() throws(QuantizationError) -> Entry {
        guard var best = leaders.first else {
            throw QuantizationError(code: .badData, message: "the network's output is never finite")
        }
        let plain = best.fidelity.centred.relative
        for entry in leaders.dropFirst() where entry.isBetter(than: best) {
            if entry.fidelity.centred.relative < Competition.margin * plain { best = entry }
        }
        return best
    }

    /// Drops a family: the same graph comes again, seen on more pictures.
    mutating func retire(_ family: String) { leaders.removeAll { $0.family == family } }

    /// Lets every method compete on one graph, each applied to all tensors, and then the best of them for each tensor.
    mutating func enterAll(
        _ float: FloatInterpreter, _ observed: Observations, prefix: String
    ) throws(QuantizationError) {
        let methods = prefix.isEmpty ? RangeMethod.candidates : RangeMethod.shortList
        let ranges = Parallel.map(Array(methods.indices), threads: quantizer.threads) { index, _ in
            Competition.ranges(methods[index], float, observed)
        }
        let total = methods.count + 1
        // On a graph that is tried on suspicion, the choice for each tensor speaks for all methods.
        for (index, method) in methods.enumerated() where prefix.isEmpty {
            progress(.init(stage: "choose ranges", done: index + 1, total: total))
            try enter(ranges[index], float, observed, description: method.description, family: prefix)
        }
        progress(.init(stage: "choose ranges", done: total, total: total))
        // Methods often agree about a tensor; nobody is measured twice.
        let candidates = observed.histograms.indices.map { value in
            var distinct: [ValueRange] = []
            for own in ranges.map({ $0[value] })
            where !distinct.contains(where: { $0.low == own.low && $0.high == own.high }) { distinct.append(own) }
            return UsefulSpan(of: value, float.graph)?.narrowed(distinct) ?? distinct
        }
        let chooser = RangeChooser(interpreter: float, threads: quantizer.threads)
        let chosen = try chooser.choose(
            candidates, pictures: pictures, using: PictureSet.spread(quantizer.layerImages, over: split.fitted))
        try enter(chosen, float, observed, description: prefix + "per-tensor", family: prefix)
    }

    /// Enters one method, applied to all tensors.
    mutating func enter(
        _ method: RangeMethod, _ float: FloatInterpreter, _ observed: Observations
    ) throws(QuantizationError) {
        try enter(
            Competition.ranges(method, float, observed), float, observed, description: method.description, family: "")
    }

    private static func ranges(
        _ method: RangeMethod, _ float: FloatInterpreter, _ observed: Observations
    ) -> [ValueRange] {
        observed.histograms.indices.map { value in
            let limit = GraphQuantizer.limit(of: value, float.graph)
            return method.range(
                of: observed.histograms[value], isActivated: limit != nil, limit: limit ?? .infinity)
        }
    }

    private mutating func enter(
        _ ranges: [ValueRange], _ float: FloatInterpreter, _ observed: Observations, description: String,
        family: String
    ) throws(QuantizationError) {
        let maker = GraphQuantizer(graph: float.graph, shapes: float.shapes, std: float.std)
        let (graph, dead) = try maker.quantize(ranges: ranges)
        try compare(
            Entry(
                graph: graph, float: float, observed: observed, ranges: ranges, deadChannels: dead,
                fidelity: try measure(graph), family: family, description: description))
    }

    /// Corrects the biases of the best of each family; kept where that lowers the error.
    /// - Parameter family: only this one.
    mutating func correctBiases(_ count: Int, family: String? = nil) throws(QuantizationError) {
        let chosen = leaders.filter { family == nil || $0.family == family }
        for (index, leader) in chosen.enumerated() {
            progress(.init(stage: "correct biases", done: index + 1, total: chosen.count))
            var entry = leader
            entry.graph = try BiasCorrection(float: entry.float, threads: quantizer.threads).apply(
                to: entry.graph, pictures: pictures, using: PictureSet.spread(count, over: split.fitted))
            entry.fidelity = try measure(entry.graph)
            entry.description += "+bias-correction"
            try compare(entry)
        }
    }

    /// Fits the weights of the winner to what it is given, and corrects its biases behind that; kept where that lowers the
    /// error.
    mutating func refitWeights(_ count: Int) throws(QuantizationError) {
        progress(.init(stage: "fit weights", done: 1, total: 1))
        let suffix = "+bias-correction"
        var entry = try winner()
        let pass = BiasCorrection(float: entry.float, threads: quantizer.threads, refitsWeights: true)
        entry.graph = try pass.apply(
            to: entry.graph, pictures: pictures, using: PictureSet.spread(count, over: split.fitted))
        entry.fidelity = try measure(entry.graph)
        if entry.description.hasSuffix(suffix) { entry.description.removeLast(suffix.count) }
        entry.description += "+fitted-weights" + suffix
        try compare(entry)
    }

    /// Records an entry and lets it lead its family when it is better.
    private mutating func compare(_ entry: Entry) throws(QuantizationError) {
        record(entry.description, entry.fidelity)
        guard entry.fidelity.centred.relative.isFinite else { return }
        if let place = leaders.firstIndex(where: { $0.family == entry.family }) {
            if entry.isBetter(than: leaders[place]) { leaders[place] = entry }
        } else {
            leaders.append(entry)
        }
    }

    private func measure(_ graph: QuantizedGraph) throws(QuantizationError) -> LogitFidelity {
        try LogitFidelity.measure(
            graph, against: logits, pictures: pictures,
            using: PictureSet.spread(quantizer.competitionImages, over: split.heldBack), threads: quantizer.threads)
    }

    private mutating func record(_ name: String, _ fidelity: LogitFidelity) {
        // Made again from more pictures.
        steps.removeAll { $0.name == name }
        steps.append(
            QuantizationReport.Step(
                name: name, decibels: fidelity.decibels, centredDecibels: fidelity.centred.decibels ?? 0,
                agreement: fidelity.agreement, isChosen: false))
    }
}
