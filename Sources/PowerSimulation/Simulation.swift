package import Power
internal import Tensors

/// Runs the real governor, or a constant setting, on a simulated board: hours in milliseconds.
package struct Simulation: Sendable {
    /// Who chooses the working point.
    package enum Control: Sendable {
        /// The governor.
        case governor(PowerLimits)
        /// Nobody: so many threads and inferences a second for the whole time.
        case constant(threads: Int, rate: Double)
    }

    package struct Sample: Hashable, Sendable {
        package let seconds: Double
        /// What the die really has.
        package let celsius: Double
        package let threads: Int
        /// Inferences in this second.
        package let rate: Double
        package let isWanted: Bool
    }

    package struct Outcome: Sendable {
        package let samples: [Sample]
        package let inferences: Double
        package let hottest: Double
        /// Seconds during which the die was more than a degree above `limit`, for the governor's own limit.
        package let secondsAbove: Int
        /// Changes of the working point that the governor made, without those that the demand made.
        package let changes: Int
        package let causes: [String: Int]
        /// Seconds in which results were wanted.
        package let wantedSeconds: Double

        /// Inferences a second while results were wanted.
        package var rate: Double { wantedSeconds > 0 ? inferences / wantedSeconds : 0 }
    }

    package let board: Board
    package let trace: Trace
    /// Standard deviation of the sensor's noise, in degrees, and its steps.
    package var noise = 0.4
    package var resolution = 0.487
    package var seed: UInt64 = 1

    package init(board: Board, trace: Trace) {
        self.board = board
        self.trace = trace
    }

    /// One step a second, as in the daemon.
    package func run(_ control: Control) -> Outcome {
        var model = ThermalModel(board, roomCelsius: trace.at(0).roomCelsius)
        var random = SplitMix64(seed: seed)
        var governor: Governor?
        if case .governor(let limits) = control {
            governor = Governor(limits: limits, table: board.table, maxThreads: board.cpus)
        }
        var samples: [Sample] = []
        var (inferences, hottest, wanted, changes, above) = (0.0, 0.0, 0.0, 0, 0)
        var limit = Double.infinity
        if case .governor(let limits) = control {
            limit = limits.maxTemperatureCelsius ?? PowerLimits.defaultTemperatureCelsius
        }
        var causes: [String: Int] = [:]
        var (used, last): (Double, (Decision, Trace.Moment)?) = (0, nil)
        // Counters tell of the second that is over.
        var othersBefore = trace.at(0).otherCPUs
        for second in 0..<Int(trace.length) {
            let moment = trace.at(Double(second))
            var point: (threads: Int, rate: Double?)
            switch control {
            case .constant(let threads, let rate): point = (threads, min(rate, moment.rate ?? rate))
            case .governor:
                let readings = readings(
                    second, model, others: othersBefore, used, used > 0 ? last?.0.threads : nil, &random)
                let demand = Demand(rate: moment.rate, isWanted: moment.isWanted)
                guard let decision = governor?.decide(readings, demand) else { continue }
                if let last, !last.0.isSame(as: decision), last.1.rate == moment.rate, last.1.isWanted, moment.isWanted
                {
                    changes += 1
                    causes[decision.cause.kind, default: 0] += 1
                }
                last = (decision, moment)
                point = (decision.threads, decision.rate)
            }
            let done = moment.isWanted ? work(point.threads, point.rate, model.clock) : (rate: 0, cpus: 0)
            (used, othersBefore) = (done.cpus, moment.otherCPUs)
            model.advance(
                seconds: 1, busyCPUs: min(Double(board.cpus), used + moment.otherCPUs), roomCelsius: moment.roomCelsius)
            inferences += done.rate
            wanted += moment.isWanted ? 1 : 0
            hottest = max(hottest, model.dieCelsius)
            above += model.dieCelsius > limit + 1 ? 1 : 0
            samples.append(
                Sample(
                    seconds: Double(second), celsius: model.dieCelsius, threads: point.threads, rate: done.rate,
                    isWanted: moment.isWanted))
        }
        return Outcome(
            samples: samples, inferences: inferences, hottest: hottest, secondsAbove: above, changes: changes,
            causes: causes,
            wantedSeconds: wanted)
    }

    /// Inferences in a second, and CPUs busy with them.
    private func work(_ threads: Int, _ rate: Double?, _ clock: Double) -> (rate: Double, cpus: Double) {
        let row = board.table.rows[min(threads, board.cpus) - 1]
        let done = min(rate ?? .infinity, 1e9 * clock / (row.latencyNs + board.preparationNs))
        return (done, done * (row.cpuNs + board.preparationNs) / 1e9 / clock)
    }

    private func readings(
        _ second: Int, _ model: ThermalModel, others: Double, _ used: Double, _ threads: Int?,
        _ random: inout SplitMix64
    ) -> Readings {
        var readings = Readings(atNs: UInt64(second) * 1_000_000_000)
        // The sum of twelve uniform numbers is close to normal with deviation 1.
        let normal = (0..<12).reduce(-6.0) { sum, _ in sum + Double(random.float(in: 0, 1)) }
        let seen = ((model.dieCelsius + normal * noise) / resolution).rounded() * resolution
        readings.temperature = Temperature(celsius: seen)
        readings.throttling = Throttling(isThrottled: model.clock < 1)
        readings.allowedCPUs = board.cpus
        readings.ownCPUs = used
        readings.idleCPUs = max(0, Double(board.cpus) - used - others)
        readings.contention = 0
        if let threads {
            readings.inference = Readings.Inference(
                threads: threads, latencyNs: board.table.rows[min(threads, board.cpus) - 1].latencyNs / model.clock,
                preparationNs: board.preparationNs / model.clock)
        }
        return readings
    }
}
