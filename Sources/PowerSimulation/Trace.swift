internal import Tensors

/// What happens to the board over time: who wants results, how warm the room is, what other programs do.
package struct Trace: Sendable {
    package struct Moment: Hashable, Sendable {
        /// Whether anybody is subscribed.
        package var isWanted: Bool
        /// Inferences a second asked for; nil is as many as possible.
        package var rate: Double?
        package var roomCelsius: Double
        /// CPUs that other programs use.
        package var otherCPUs: Double
    }

    package let name: String
    /// Seconds.
    package let length: Double
    /// The state at a time in seconds; a pure function.
    let at: @Sendable (Double) -> Moment

    /// As much as possible for the whole time, in a room of 25 degrees.
    package static func steady(hours: Double) -> Trace {
        Trace(name: "full load", length: hours * 3600) { _ in
            Moment(isWanted: true, rate: nil, roomCelsius: 25, otherCPUs: 0)
        }
    }

    /// Full load while the room goes from 20 to 32 degrees and back, as in a day by a window.
    package static func warmRoom(hours: Double) -> Trace {
        Trace(name: "full load, room 20 to 32 C", length: hours * 3600) { seconds in
            let room = 26 - 6 * Double.cosine(2 * .pi * seconds / (hours * 3600))
            return Moment(isWanted: true, rate: nil, roomCelsius: room, otherCPUs: 0)
        }
    }

    /// Subscribers that come and go: asked for and not, for minutes each, from a seed.
    package static func subscribers(hours: Double, seed: UInt64) -> Trace {
        var random = SplitMix64(seed: seed)
        var ends: [(until: Double, isWanted: Bool)] = []
        var (time, isWanted) = (0.0, true)
        while time < hours * 3600 {
            time += Double(random.float(in: 60, isWanted ? 1800 : 600))
            ends.append((time, isWanted))
            isWanted.toggle()
        }
        let spans = ends
        return Trace(name: "subscribers come and go", length: hours * 3600) { seconds in
            let span = spans.first { seconds < $0.until } ?? spans[spans.count - 1]
            return Moment(isWanted: span.isWanted, rate: nil, roomCelsius: 25, otherCPUs: 0)
        }
    }

    /// Another program that takes one CPU for the middle third.
    package static func neighbour(hours: Double) -> Trace {
        Trace(name: "another program heats the chip", length: hours * 3600) { seconds in
            let third = hours * 1200
            return Moment(
                isWanted: true, rate: nil, roomCelsius: 25, otherCPUs: (third..<2 * third).contains(seconds) ? 1 : 0)
        }
    }

    /// Another program that takes a CPU for five seconds of every minute.
    package static func visitor(hours: Double) -> Trace {
        Trace(name: "a job of five seconds a minute", length: hours * 3600) { seconds in
            Moment(
                isWanted: true, rate: nil, roomCelsius: 25,
                otherCPUs: seconds > 900 && seconds.truncatingRemainder(dividingBy: 60) < 5 ? 1 : 0)
        }
    }

    /// Other programs that come by when they like: one or two CPUs for 2 to 40 seconds, every 20 seconds to 5 minutes, from a seed.
    package static func irregularVisitors(hours: Double, seed: UInt64) -> Trace {
        var random = SplitMix64(seed: seed)
        var visits: [(from: Double, until: Double, cpus: Double)] = []
        var time = 900.0
        while time < hours * 3600 {
            let from = time + Double(random.float(in: 20, 300))
            time = from + Double(random.float(in: 2, 40))
            visits.append((from, time, random.float(in: 0, 1) < 0.7 ? 1 : 2))
        }
        let all = visits
        return Trace(name: "jobs that come when they like", length: hours * 3600) { seconds in
            let visit = all.first { seconds < $0.until }
            let others = visit.map { seconds >= $0.from ? $0.cpus : 0 } ?? 0
            return Moment(isWanted: true, rate: nil, roomCelsius: 25, otherCPUs: others)
        }
    }

    /// Load for the first half, little for the second.
    package static func loadThenQuiet(hours: Double) -> Trace {
        Trace(name: "load, then one a second", length: hours * 3600) { seconds in
            Moment(
                isWanted: true, rate: seconds < hours * 1800 ? nil : 1, roomCelsius: 25, otherCPUs: 0)
        }
    }
}

extension Double {
    /// The cosine by its series, the same on every machine; no import of a C library for one function.
    static func cosine(_ angle: Double) -> Double {
        let turn = 2 * Double.pi
        let x = angle - turn * (angle / turn).rounded()
        var (term, sum) = (1.0, 1.0)
        for n in 1...14 {
            term *= -x * x / Double((2 * n - 1) * (2 * n))
            sum += term
        }
        return sum
    }
}
