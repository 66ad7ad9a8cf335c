import Kernels

/// What a run of the normative kernel left in memory: the measure for all others.
struct Expectation {
    private let bytes: [[UInt8]]  // one an output, margins included
    /// What is wrong with the normative kernel itself, if anything.
    let ownFlaw: String?

    /// Runs the reference on a prepared case.
    init(of run: PreparedRun, by reference: () -> Void) {
        let captured = run.capture(reference)
        var flaw: String?
        for (output, actual) in zip(run.outputs, captured) where flaw == nil {
            // Canaries everywhere but where the layout allows writing.
            var allowed = output.initial
            let margin = output.memory.margin
            overlay(output.layout.written, of: actual, onto: &allowed, shiftedBy: margin)
            overlay(output.layout.free, of: actual, onto: &allowed, shiftedBy: margin)
            if !isEqual(allowed, actual) { flaw = Difference(output, expected: allowed, actual: actual)?.description }
        }
        bytes = captured
        ownFlaw = flaw
    }

    /// Runs a candidate on the same case.
    /// - Returns: how it differs from the reference, nil when it does not.
    func flaw(of candidate: () -> Void, in run: PreparedRun) -> String? {
        for (index, actual) in run.capture(candidate).enumerated() {
            let output = run.outputs[index]
            let expected = bytes[index]
            var compared = actual
            overlay(output.layout.free, of: expected, onto: &compared, shiftedBy: output.memory.margin)
            if !isEqual(expected, compared) {
                return Difference(output, expected: expected, actual: compared)?.description
            }
        }
        return nil
    }

    /// Whether the outputs say nothing: one value alone. Small outputs are let off: of a single block of quads, 64 bytes, all but one
    /// may be padding, and the one may be the zero point.
    func isDegenerate(in run: PreparedRun) -> Bool {
        var seen: UInt8?
        var count = 0
        for (output, bytes) in zip(run.outputs, bytes) {
            for range in output.layout.written {
                for offset in range {
                    let value = bytes[output.memory.margin + offset]
                    if let seen, seen != value { return false }
                    seen = value
                    count += 1
                }
            }
        }
        return count > 64
    }
}

/// Two memories that should be equal and are not, put into words.
struct Difference: CustomStringConvertible {
    let description: String

    /// - Returns: nil when they are equal.
    init?(_ output: PreparedRun.Output, expected: [UInt8], actual: [UInt8]) {
        let margin = output.memory.margin
        let differing = expected.indices.filter { expected[$0] != actual[$0] }
        guard let first = differing.first else { return nil }
        let layout = output.layout
        var isWritten = [Bool](repeating: false, count: expected.count)
        for range in layout.written { for offset in range { isWritten[margin + offset] = true } }
        if let stray = differing.first(where: { !isWritten[$0] }) {
            let offset = stray - margin
            let place =
                offset < 0
                ? "\(-offset) bytes before the output"
                : offset >= output.memory.count
                    ? "\(offset - output.memory.count + 1) bytes behind the output" : "at byte \(offset), in a gap"
            description = "wrote \(actual[stray]) outside: \(place), where \(expected[stray]) was"
            return
        }
        guard let position = Difference.position(of: first - margin, in: layout) else { return nil }
        let value = { (bytes: [UInt8]) in Difference.value(bytes, at: margin + layout.offset(position), layout) }
        description = """
            \(differing.count) bytes differ, first at \(position): \(value(actual)) instead of \(value(expected))
            \(Difference.map(layout, around: position) { offset in
                (0..<layout.valueBytes).contains { expected[margin + offset + $0] != actual[margin + offset + $0] }
            })
            """
    }

    private static func value(_ bytes: [UInt8], at index: Int, _ layout: OutputLayout) -> String {
        guard layout.valueBytes == 4 else { return "\(StoredByte.decode(bytes[index]))" }
        let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[index + $1]) << (8 * UInt32($1)) }
        return "\(Float(bitPattern: bits))"
    }

    private static func position(of offset: Int, in layout: OutputLayout) -> OutputLayout.Position? {
        let extent = layout.extent
        for row in extent.rows {
            for x in 0..<extent.width {
                for channel in 0..<extent.channels {
                    let position = OutputLayout.Position(row: row, x: x, channel: channel)
                    let start = layout.offset(position)
                    if offset >= start && offset < start + layout.valueBytes { return position }
                }
            }
        }
        return nil
    }

    /// A window of the row: a line a pixel, a column a channel, x where the bytes differ.
    private static func map(
        _ layout: OutputLayout, around center: OutputLayout.Position, differs: (Int) -> Bool
    ) -> String {
        let extent = layout.extent
        let firstX = max(0, min(center.x - 4, extent.width - 12))
        let firstChannel = max(0, min(center.channel / 16 * 16 - 16, extent.channels - 64))
        let lastChannel = min(extent.channels, firstChannel + 64)
        var lines = ["  row \(center.row), channels \(firstChannel)..<\(lastChannel):"]
        for x in firstX..<min(extent.width, firstX + 12) {
            let cells = (firstChannel..<lastChannel).map { channel in
                differs(layout.offset(.init(row: center.row, x: x, channel: channel))) ? "x" : "."
            }
            let name = "\(x)"
            lines.append("  x \(String(repeating: " ", count: max(0, 4 - name.count)))\(name)  \(cells.joined())")
        }
        return lines.joined(separator: "\n")
    }
}
