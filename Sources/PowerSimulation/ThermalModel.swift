/// Die and board as two capacities with resistances between them and the room.
struct ThermalModel: Sendable {
    private let board: Board
    private(set) var dieCelsius: Double
    private(set) var boardCelsius: Double

    /// At rest for a long time.
    init(_ board: Board, roomCelsius: Double) {
        self.board = board
        boardCelsius = roomCelsius + board.idleWatts * board.boardToRoom
        dieCelsius = boardCelsius + board.idleChipWatts * board.dieToBoard
    }

    /// Share of the full clock that the firmware leaves: falls from 80 to 85 degrees, to a third.
    var clock: Double { max(0.33, 1 - max(0, dieCelsius - board.throttleCelsius) / 5 * 0.67) }

    /// - Parameter busyCPUs: CPUs at work, at the present clock.
    mutating func advance(seconds: Double, busyCPUs: Double, roomCelsius: Double) {
        // Euler in steps well below the die's time constant of 3 s.
        let steps = max(1, Int((seconds / 0.25).rounded(.up)))
        let step = seconds / Double(steps)
        for _ in 0..<steps {
            let load = busyCPUs * board.wattsPerCPU * clock
            let toBoard = (dieCelsius - boardCelsius) / board.dieToBoard
            let toRoom = (boardCelsius - roomCelsius) / board.boardToRoom
            dieCelsius += step * (board.idleChipWatts + load - toBoard) / board.dieCapacity
            boardCelsius += step * (board.idleWatts - board.idleChipWatts + toBoard - toRoom) / board.boardCapacity
        }
    }
}
