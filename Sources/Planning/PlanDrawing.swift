internal import Kernels
internal import Tensors

/// What a plan looks like: the tensors of its arena, each with the step that writes it first, for whoever draws them.
package struct PlanDrawing {
    package struct Tensor: Hashable, Sendable {
        package let place: Placement
        /// The first step that writes to it.
        package let writer: Int
        /// Whether it only hands rows over between the workers of one step.
        package let isPanel: Bool
    }

    package let plan: Plan
    /// In the order in which they are written.
    package let tensors: [Tensor]

    package init(_ plan: Plan) {
        self.plan = plan
        var seen = Set<Placement>()
        var tensors: [Tensor] = []
        for (index, step) in plan.steps.enumerated() {
            for (place, isPanel) in [(step.destination, false), (step.panel, true)] {
                guard let place, seen.insert(place).inserted else { continue }
                tensors.append(Tensor(place: place, writer: index, isPanel: isPanel))
            }
        }
        self.tensors = tensors
    }

    /// One line a step: which parts of the arena hold a tensor while the step runs. Letters name tensors in turn, `.` is
    /// free memory; capitals are what the step writes.
    package func map(columns: Int = 64) -> [String] {
        let scale = Double(columns) / Double(max(1, plan.activationBytes))
        return plan.steps.indices.map { step in
            var line = [Character](repeating: ".", count: columns)
            for (number, tensor) in tensors.enumerated() where tensor.place.lifetime.contains(step) {
                let first = Int(Double(tensor.place.offset) * scale)
                let end = Int((Double(tensor.place.offset + tensor.place.byteCount) * scale).rounded(.up))
                let isWritten = plan.steps[step].destination == tensor.place || tensor.isPanel
                let letter = Character(UnicodeScalar(UInt8((isWritten ? 65 : 97) + number % 26)))
                for column in first..<min(max(end, first + 1), columns) { line[column] = letter }
            }
            return String(line)
        }
    }
}

extension Step {
    /// What a step does, in one word, for tables and colours.
    package enum Kind: String, CaseIterable, Sendable {
        case block, pointwise, convolution, depthwise, pool, elements, move, dense
    }

    package var kind: Kind {
        switch work {
        case .block: .block
        case .pointwise: .pointwise
        case .convolution(let layer): layer.geometry.isPointwise ? .pointwise : .convolution
        case .depthwise: .depthwise
        case .pool, .windowPool: .pool
        case .table, .pair: .elements
        case .move: .move
        case .dense: .dense
        }
    }

    /// How the step computes, in the terms of its kernels: `pointwise_quads + depthwise3x3s1 + pointwise_pixels`.
    package var method: String {
        switch work {
        case .move(.copy): return "copy"
        case .move(.shuffle(let groups)): return "shuffle of \(groups)"
        case .move(.repeated(let copies)): return "\(copies) copies of each channel"
        case .move(.groupMaximum(let size)): return "maximum of \(size) channels"
        default: break
        }
        var window = ""
        if case .convolution(let layer) = work, !layer.geometry.isPointwise {
            window = "gather \(layer.geometry.kernelHeight)x\(layer.geometry.kernelWidth) + "
        }
        return window
            + kernels.map { kernel in
                let name = kernel.name.hasPrefix("tsr_") ? String(kernel.name.dropFirst(4)) : kernel.name
                return name.droppingInstructionSet
            }.joined(separator: " + ")
    }
}

extension String {
    /// `pointwise_quads` of `pointwise_quads__avx512vnni`.
    fileprivate var droppingInstructionSet: String {
        var kept = ""
        for character in self {
            if character == "_" && kept.hasSuffix("_") { return String(kept.dropLast()) }
            kept.append(character)
        }
        return kept
    }
}
