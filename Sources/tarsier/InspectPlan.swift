import ArgumentParser
import Daemon
import Engine
import Graphs
import Kernels
import LinuxIO
import Planning
import Tensors

struct InspectPlan: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "How this CPU would run a model: fused steps, kernels, places in the arena.",
        discussion: """
            The map below the steps shows the arena from left to right, a line a step: a letter is a tensor, a capital one \
            that the step writes, a dot is free memory.
            Example: tarsier inspect plan --cpu-mask avx2 --svg plan.svg
            """)

    @Argument(help: "Model file; the default model when left out.")
    var file: String?

    @Option(help: "A network with random weights instead of a model; see `tarsier networks`.")
    var network: String?

    @Option(help: "Also draw the plan into this SVG file.")
    var svg: String?

    @OptionGroup var kernels: KernelOptions

    func validate() throws {
        guard file == nil || network == nil else { throw ValidationError("give a model file or --network, not both") }
    }

    func run() throws {
        let graph = try network.map { try RandomNetwork($0).int8 } ?? LoadedModel(file).model.graph
        let session = try Classifier.session(graph, features: kernels.features())
        let plan = session.plan
        Terminal.line(
            "\(plan.network): \(plan.steps.count) steps, arena \(session.arenaBytes / 1024) KiB, "
                + "weights \(plan.weightBytes / 1024) KiB, scratch \(plan.scratchBytes / 1024) KiB a worker\n")
        Terminal.line("step  rows  strip  two share   reads at  writes at   K MACs  nodes")
        for (index, step) in plan.steps.enumerated() {
            let strip = if case .block(let block) = step.work { "\(block.stripRows)" } else { "-" }
            Terminal.line(
                "\(index)".padded(4, right: true) + "\(step.sharedRows)".padded(6, right: true)
                    + strip.padded(7, right: true)
                    + (step.isShared ? step.sharing(workers: 2).rawValue : "-").padded(11, right: true)
                    + (step.source.map { "\($0.offset)" } ?? "picture").padded(11, right: true)
                    + (step.destination.map { "\($0.offset)" } ?? "logits").padded(11, right: true)
                    + "\(step.macs / 1000)".padded(9, right: true) + "  " + step.name)
            let names = step.kernels.isEmpty ? step.method : step.kernels.map(\.name).joined(separator: ", ")
            Terminal.line(String(repeating: " ", count: 61) + names)
        }
        let drawing = PlanDrawing(plan)
        Terminal.line("")
        Terminal.line("arena, \(plan.activationBytes / 1024) KiB from left to right, and the output of each step")
        for (index, line) in drawing.map().enumerated() {
            let shape = plan.steps[index].destination.map(\.shape.description) ?? "\(plan.outputs) logits"
            Terminal.line("\(index)".padded(4, right: true) + "  \(line)  \(shape)")
        }
        guard let svg else { return }
        do throws(SystemError) { try AtomicFile.write(Array(drawing.svg().utf8), to: svg) } catch {
            throw Failure(error)
        }
        Terminal.note("tarsier: the plan is drawn in \(svg)")
    }
}
