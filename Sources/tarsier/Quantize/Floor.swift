import ArgumentParser
import Daemon
import Quantization

/// `--floor`: the least fidelity that is accepted.
enum Floor: ExpressibleByArgument, Equatable {
    /// Of the logits, on the photos held back.
    case decibels(Double)
    /// Of the photos, on which int8 and float say the same.
    case percent(Double)

    init?(argument: String) {
        let text = argument.lowercased()
        if text.hasSuffix("pp"), let value = Double(text.dropLast(2)), (0...100).contains(value) {
            self = .percent(value)
        } else if let value = Double(text.hasSuffix("db") ? String(text.dropLast(2)) : text), value.isFinite {
            self = .decibels(value)
        } else {
            return nil
        }
    }

    /// - Parameter agreement: in [0, 1].
    func check(_ report: QuantizationReport, agreement: Double) throws(Failure) {
        let missed: String
        switch self {
        case .decibels(let least) where report.outputDecibels < least:
            missed = "the logits have \(report.outputDecibels.text(1)) dB, the floor is \(least.text(1)) dB"
        case .percent(let least) where agreement * 100 < least:
            missed =
                "int8 agrees with float on \((agreement * 100).text(1)) % of the photos, the floor is \(least.text(1)) %"
        case .decibels, .percent: return
        }
        let blame = report.layersToBlame(3).map {
            "\($0.name) (\(($0.ownNoise * 100).text(2)) % noise of its own, \($0.why))"
        }
        throw Failure(
            .belowFloor,
            "\(missed); nothing was written; to blame are \(blame.joined(separator: ", ")); "
                + "more or more typical photos may help")
    }
}
