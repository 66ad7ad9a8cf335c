package import Power

/// A board as the simulator knows it: what it takes, how it warms, how fast it infers.
///
/// Heat flows from the die into the board and from there into the room, two thermal resistances and two capacities. The
/// figures come from measurements that others published, each with its source; none was taken on a board of ours.
package struct Board: Sendable {
    package let name: String
    /// Watts at rest, of the whole board and of the chip alone.
    let idleWatts: Double
    let idleChipWatts: Double
    /// Watts that one busy CPU adds at full clock.
    let wattsPerCPU: Double
    /// Degrees a watt from die to board, and from board to room.
    let dieToBoard: Double
    let boardToRoom: Double
    /// Joules a degree.
    let dieCapacity: Double
    let boardCapacity: Double
    /// Where the firmware begins to slow the CPU down.
    let throttleCelsius: Double
    package let cpus: Int
    /// One inference on one CPU, in nanoseconds.
    let latencyNs: Double
    /// Decoding and preparing a picture.
    package let preparationNs: Double

    /// Raspberry Pi 4 B without case and cooler.
    /// - Temperatures: pi-plates.com, "Using a THERMOplate to measure temperatures on the RPi4" (2019): room 27.3; at rest die
    ///   54.7 and power chip 48.9; four busy CPUs, settled within ten minutes, 65.8 and 55.8. With 2.9 W at rest, as launch
    ///   firmware took, the board is 7.5 K/W above the room; die and board rose by 4.24 : 6.88, so the die is 4.6 K/W above
    ///   the board.
    /// - Power: chipwired.com, "How much power a Raspberry Pi uses": 2.3 W at rest, 5.1 to 5.4 W under high load, by two
    ///   meters: 0.74 W a CPU.
    /// - Throttling from 80 C: Raspberry Pi documentation, "Frequency management and thermal control".
    /// - Inference: 29 M cycles for SM_V2 on a Cortex-A72, counted in an emulator (README), at 1.8 GHz.
    package static let pi4 = Board(
        name: "Raspberry Pi 4", idleWatts: 2.9, idleChipWatts: 1.25, wattsPerCPU: 0.74, dieToBoard: 4.6,
        boardToRoom: 7.5, dieCapacity: 0.7, boardCapacity: 16, throttleCelsius: 80, cpus: 4, latencyNs: 16e6,
        preparationNs: 2e6)

    /// Raspberry Pi 5 without case and cooler.
    /// - Temperatures: about 50 C at rest (beamostore.com, "Raspberry Pi 5 overheating?"); under benchmarks 81 C on average and
    ///   89 C at most, throttled (phoronix.com, "Raspberry Pi 5 benchmarks", page 2). The board is as large as a Pi 4's and
    ///   gets its resistance to the room; the die's heat spreader is larger: 3 K/W.
    /// - Power: 7.9 W under Geekbench (github.com/geerlingguy/sbc-reviews, issue 21); 2.7 W at rest gives the 50 C above:
    ///   1.3 W a CPU.
    /// - Inference: 9.9 M cycles on a Cortex-A76 (README), at 2.4 GHz.
    package static let pi5 = Board(
        name: "Raspberry Pi 5", idleWatts: 2.7, idleChipWatts: 1.3, wattsPerCPU: 1.3, dieToBoard: 3.0, boardToRoom: 7.5,
        dieCapacity: 1.0, boardCapacity: 16, throttleCelsius: 80, cpus: 4, latencyNs: 4.1e6, preparationNs: 0.8e6)

    /// What `tarsier tune` would find: nine tenths of the work share out among threads.
    package var table: LatencyTable {
        let rows = (1...cpus).map { threads in
            let latency = latencyNs * (0.1 + 0.9 / Double(threads))
            return LatencyTable.Row(threads: threads, latencyNs: latency, cpuNs: latency * Double(threads))
        }
        guard let table = LatencyTable(rows) else { preconditionFailure("the rows are 1, 2, ... by construction") }
        return table
    }
}
