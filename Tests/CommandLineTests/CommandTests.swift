import Foundation
import Testing

/// What the commands print, by the contract.
@Suite struct CommandTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    @Test func `networks lists ours beside the paper's`() throws {
        let listing = try Program.object(try Program.run("networks", "--json").output)
        let rows = try #require(listing["networks"] as? [[String: Any]])
        let base = try #require(rows.first { $0["name"] as? String == "sm_v2" })
        #expect(base["parameters"] as? Int == 1_538_372)
        #expect(base["paper_parameters_millions"] as? Double == 1.54)
        #expect(rows.count >= 7)
    }

    @Test func `bench prints every field of the contract`() throws {
        let report = try Program.object(
            try Program.run("bench", "--json", "--runs", "5", "--model", Program.model).output)
        let fields = [
            "network", "precision", "isa", "threads", "runs", "latency_ms", "cpu_ms", "macs", "gmacs_per_s",
            "arena_bytes", "weights_bytes", "load_ms", "first_result_ms", "rss_bytes",
        ]
        for field in fields { #expect(report[field] != nil, "\(field)") }
        let latency = try #require(report["latency_ms"] as? [String: Double])
        #expect(Set(latency.keys) == ["min", "p50", "p95", "p99", "max"])
        #expect(report["precision"] as? String == "int8")
        #expect(try #require(report["arena_bytes"] as? Int) <= 1 << 20, "the arena of SM_V2 is at most 1 MiB")
    }

    @Test func `A table to hand in names the machine and has a line a number of threads`() throws {
        let outcome = try Program.run(
            "bench", "--submit-table", "--runs", "3", "--warm-up", "1", "--model", Program.model)
        #expect(outcome.status == 0, "\(outcome.complaints)")
        let lines = outcome.output.split(separator: "\n")
        for fact in ["board", "CPU", "clock", "temperature", "system", "Tarsier"] {
            #expect(lines.contains { $0.hasPrefix("| \(fact) | ") }, "\(fact)")
        }
        let cells = try #require(lines.last).split(separator: "|").map { $0.split(separator: " ").joined() }
        #expect(Int(try #require(cells.first)) == ProcessInfo.processInfo.activeProcessorCount)
        #expect(cells.dropFirst().dropLast().allSatisfy { Double($0).map { $0 > 0 } ?? false }, "\(cells)")
        #expect(cells.last == "3")
        #expect(try Program.run("bench", "--submit-table", "--json", "--model", Program.model).status == 64)
    }

    @Test func `bench keeps the pace it is asked for and says so`() throws {
        let begin = ContinuousClock.now
        let report = try Program.object(
            try Program.run("bench", "--json", "--rate", "50", "--runs", "10", "--model", Program.model).output)
        #expect(ContinuousClock.now - begin >= .milliseconds(200), "ten inferences, 20 ms apart")
        #expect(report["rate"] as? Double == 50)
        #expect(try #require(report["cpu_ms"] as? Double) > 0)
        #expect(try Program.run("bench", "--rate", "0", "--model", Program.model).status == 64)
    }

    @Test func `The steps of bench add up to the network`() throws {
        let report = try Program.object(
            try Program.run(
                "bench", "--json", "--per-layer", "--warm-up", "1", "--runs", "\(Program.times(20, emulated: 3))",
                "--model",
                Program.model
            ).output)
        let layers = try #require(report["layers"] as? [[String: Any]])
        #expect(layers.reduce(0) { $0 + ($1["macs"] as? Int ?? 0) } == report["macs"] as? Int)
        // How close to 1 it comes is the machine's affair; far off, the steps are not those of the inference.
        #expect((0.2...5).contains(try #require(report["layers_explain"] as? Double)))
    }

    @Test func `The same logits under every CPU mask and thread count`() throws {
        let photo = try scratch.file("grey.jpg", Fixtures.grey())
        let masks = try #require(
            Program.object(try Program.run("inspect", "cpu", "--json").output)["features"] as? [String])
        var answers: [String: [Double]] = [:]
        for mask in ["scalar"] + masks {
            for threads in ["1", "2"] {
                let outcome = try Program.run(
                    "classify", "--json", "--logits", "--model", Program.model, "--cpu-mask", mask, "--threads",
                    threads,
                    photo)
                let row = try Program.object(outcome.output)
                answers["\(mask)/\(threads)"] = try #require(row["logits"] as? [Double])
            }
        }
        let scalar = try #require(answers["scalar/1"])
        #expect(scalar.count == 24 && Set(scalar).count > 1)
        for (name, logits) in answers { #expect(logits == scalar, "\(name)") }
    }

    @Test func `classify reads standard input`() throws {
        let outcome = try Program.run("classify", "--json", "--model", Program.model, "-", input: Fixtures.grey())
        let row = try Program.object(outcome.output)
        #expect(row["file"] as? String == "-")
        let top = try #require(row["top"] as? [[String: Any]])
        #expect(
            top.count == 3 && top.allSatisfy { $0["label"] is String && $0["score"] is Double && $0["index"] is Int })
        #expect(Set(try #require(row["ms"] as? [String: Double]).keys) == ["decode", "prepare", "infer"])
    }

    @Test func `classify names what public photos show`() throws {
        guard Photos.available() else { return }
        var right = 0
        var total = 0
        for label in try Photos.labels() {
            for photo in try Photos.first(Program.times(4, emulated: 1), of: label) {
                let row = try Program.object(
                    try Program.run("classify", "--json", "--model", Program.model, photo).output)
                let top = try #require(row["top"] as? [[String: Any]])
                right += top.first?["label"] as? String == label ? 1 : 0
                total += 1
            }
        }
        #expect(Double(right) / Double(total) > 0.6, "\(right) of \(total)")
    }

    @Test(.disabled(if: Program.isEmulated, "so many photos take an emulated CPU many minutes in float"))
    func `evaluate finds int8 within a point of float`() throws {
        guard Photos.available() else { return }
        for label in try Photos.labels() {
            try FileManager.default.createDirectory(
                atPath: scratch.path + "/" + label, withIntermediateDirectories: true)
            for photo in try Photos.first(8, of: label) {
                let name = (photo as NSString).lastPathComponent
                try FileManager.default.createSymbolicLink(
                    atPath: "\(scratch.path)/\(label)/\(name)", withDestinationPath: photo)
            }
        }
        let outcome = try Program.run(
            "evaluate", "--json", "--model", Program.model, "--against", Program.weights, "--answers",
            scratch.path + "/answers.csv", scratch.path)
        let report = try Program.object(outcome.output)
        let own = try #require(report["top1"] as? Double)
        let against = try #require(report["against"] as? [String: Any])
        let float = try #require(against["top1"] as? Double)
        #expect(report["images"] as? Int == 24 * 8)
        #expect(abs(own - float) < 0.02, "int8 \(own), float \(float) on 192 photos")
        #expect(try #require(against["agreement"] as? Double) > 0.95)
        #expect(try #require(against["logits_sqnr_db"] as? Double) > 25)
        let (lost, gained) = (against["only_it_right"] as? Int, against["only_model_right"] as? Int)
        let points = 100 * Double(try #require(lost) - (try #require(gained))) / 192
        #expect(abs(try #require(against["loss_points"] as? Double) - points) < 1e-9)
        let answers = try String(contentsOfFile: scratch.path + "/answers.csv", encoding: .utf8).split(separator: "\n")
        #expect(answers.count == 193 && answers[0] == "file,truth,model,against")
    }

    @Test(.disabled(if: Program.isEmulated, "so many photos take an emulated CPU many minutes in float"))
    func `quantize makes a model that evaluate and inspect accept`() throws {
        guard Photos.available() else { return }
        let folder = scratch.path + "/calib"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for label in try Photos.labels(split: "calib") {
            for photo in try Photos.first(1, of: label, split: "calib") {
                try FileManager.default.copyItem(
                    atPath: photo, toPath: folder + "/" + (photo as NSString).lastPathComponent)
            }
        }
        _ = try scratch.file("calib/broken.jpg", [0xff, 0xd8, 0xff, 0xe0])
        let output = scratch.path + "/own.safetensors"
        let outcome = try Program.run(
            "quantize", "--json", "--calib", folder, "--weights", Program.weights, "--output", output)
        #expect(outcome.status == 0, "\(outcome.complaints)")
        let report = try Program.object(outcome.output)
        #expect(report["images"] as? Int == 24)
        #expect(try #require(report["warnings"] as? [String]).contains { $0.contains("broken.jpg") })
        #expect(try #require(report["output_sqnr_db"] as? Double) > 15)
        let description = try Program.object(try Program.run("inspect", "model", "--json", output).output)
        #expect(description["sha256"] as? String == report["sha256"] as? String)
        #expect(description["calibration_images"] as? Int == 24)
    }
}
