import Power
import PowerSimulation
import Testing

/// The real governor on simulated boards: hours in which it must neither overheat the board nor waste it.
@Suite struct SimulationTests {
    private static let limit = 75.0
    private static let limits = PowerLimits(maxTemperatureCelsius: limit)
    /// A change tells every subscriber; one every four minutes is what a drifting room and a noisy sensor are worth.
    private static let changesPerHour = 15.0

    private static func check(_ outcome: Simulation.Outcome, _ simulation: Simulation) {
        let name = "\(simulation.board.name), \(simulation.trace.name), seed \(simulation.seed)"
        #expect(outcome.hottest <= limit + 1, "\(name): \(outcome.hottest) C")
        let changes = Double(outcome.changes) * 3600 / simulation.trace.length
        #expect(changes <= changesPerHour, "\(name): \(changes) changes an hour")
    }

    @Test(arguments: [Board.pi4, .pi5], [1, 2] as [UInt64])
    func `Full load stays at the limit and gets what the best constant setting gets`(board: Board, seed: UInt64) throws
    {
        var simulation = Simulation(board: board, trace: .steady(hours: 2))
        simulation.seed = seed
        let outcome = simulation.run(.governor(SimulationTests.limits))
        SimulationTests.check(outcome, simulation)
        let best = try #require(BestConstant.search(simulation, limit: SimulationTests.limit))
        #expect(
            outcome.inferences >= 0.95 * best.outcome.inferences, "\(outcome.rate) of \(best.outcome.rate) a second")
        // Left alone the board gets hotter than that: there was something to do.
        #expect(simulation.run(.constant(threads: 4, rate: 1e9)).hottest > SimulationTests.limit + 3)
    }

    @Test(arguments: [Board.pi4, .pi5])
    func `Subscribers that come and go do not overheat a warm board`(board: Board) throws {
        let simulation = Simulation(board: board, trace: .subscribers(hours: 3, seed: 7))
        let outcome = simulation.run(.governor(SimulationTests.limits))
        SimulationTests.check(outcome, simulation)
        let best = try #require(BestConstant.search(simulation, limit: SimulationTests.limit))
        #expect(
            outcome.inferences >= 0.95 * best.outcome.inferences, "\(outcome.rate) of \(best.outcome.rate) a second")
    }

    @Test(arguments: [Board.pi4, .pi5])
    func `A room that warms up and cools down is followed`(board: Board) {
        let simulation = Simulation(board: board, trace: .warmRoom(hours: 6))
        let outcome = simulation.run(.governor(SimulationTests.limits))
        SimulationTests.check(outcome, simulation)
        let hour = { (from: Int) in outcome.samples[from * 3600..<(from + 1) * 3600].reduce(0) { $0 + $1.rate } }
        #expect(hour(5) > 1.1 * hour(3), "the room is coldest at both ends")
    }

    @Test(arguments: [Board.pi4, .pi5], [1, 2, 3, 4, 5, 6] as [UInt64])
    func `Another program's heat is made room for before it is there, and comes back after it`(
        board: Board, seed: UInt64
    ) {
        var simulation = Simulation(board: board, trace: .neighbour(hours: 3))
        simulation.seed = seed
        let outcome = simulation.run(.governor(SimulationTests.limits))
        let mean = { (range: Range<Int>) in
            outcome.samples[range].reduce(0) { $0 + $1.rate } / Double(range.count)
        }
        let (before, during, after) = (mean(1800..<3600), mean(5400..<7200), mean(9000..<10800))
        #expect(during < 0.8 * before && after > 0.95 * before, "\(before), \(during), \(after) a second")
        SimulationTests.check(outcome, simulation)
    }

    /// A job of five seconds a minute: room is kept for the next visit instead of a change for each.
    @Test(arguments: [Board.pi4, .pi5])
    func `A neighbour that comes by every minute is no reason for a change a minute`(board: Board) throws {
        var simulation = Simulation(board: board, trace: .visitor(hours: 2))
        let best = try #require(BestConstant.search(simulation, limit: SimulationTests.limit))
        for seed in [1, 2, 7, 14, 20] as [UInt64] {
            simulation.seed = seed
            let outcome = simulation.run(.governor(SimulationTests.limits))
            SimulationTests.check(outcome, simulation)
            #expect(
                outcome.inferences >= 0.95 * best.outcome.inferences, "\(outcome.rate) of \(best.outcome.rate) a second"
            )
        }
    }

    /// Nobody can know of two CPUs before they are taken, and a Raspberry Pi 5 then warms by 2.3 C in the second before it shows.
    @Test(arguments: [Board.pi4, .pi5], [1, 2] as [UInt64])
    func `Neighbours that come when they like heat the chip above the limit for seconds in hours at most`(
        board: Board, seed: UInt64
    ) {
        var simulation = Simulation(board: board, trace: .irregularVisitors(hours: 3, seed: 4 + seed))
        simulation.seed = seed
        let outcome = simulation.run(.governor(SimulationTests.limits))
        #expect(
            outcome.hottest <= SimulationTests.limit + (board.name == Board.pi5.name ? 2 : 1), "\(outcome.hottest) C")
        #expect(outcome.secondsAbove <= 5)
        #expect(outcome.changes <= 3 * 40, "\(outcome.changes) changes in three hours")
    }

    @Test(arguments: [Board.pi4, .pi5])
    func `One inference a second is what was asked for, once the load is gone`(board: Board) {
        let simulation = Simulation(board: board, trace: .loadThenQuiet(hours: 1))
        let outcome = simulation.run(.governor(SimulationTests.limits))
        SimulationTests.check(outcome, simulation)
        #expect(outcome.samples.suffix(600).allSatisfy { abs($0.rate - 1) < 1e-9 })
    }

    @Test func `The model settles where the measurements it was made from did`() {
        // Four busy CPUs without a governor would be hotter than the firmware lets it be.
        let simulation = Simulation(board: .pi4, trace: .steady(hours: 1))
        let rest = simulation.run(.constant(threads: 1, rate: 0.001)).samples
        #expect(abs((rest.last?.celsius ?? 0) - 52.5) < 0.5, "54.7 in a room of 27.3, so 52.4 in one of 25")
        let full = simulation.run(.constant(threads: 4, rate: 1e9)).samples
        #expect((80...90).contains(full.last?.celsius ?? 0), "throttled between 80 and 85: \(full.last?.celsius ?? 0)")
    }
}
