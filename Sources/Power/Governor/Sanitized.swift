extension Readings {
    /// The same without what cannot be true: sensors fail, and files hold anything.
    var sanitized: Readings {
        var sane = self
        let isIn: (Double?, ClosedRange<Double>) -> Double? = { value, range in
            value.flatMap { $0.isFinite && range.contains($0) ? $0 : nil }
        }
        if isIn(temperature?.celsius, -40...150) == nil { sane.temperature = nil }
        sane.temperature?.passiveTripCelsius = isIn(temperature?.passiveTripCelsius, 30...150)
        sane.contention = isIn(contention, 0...1)
        sane.idleCPUs = isIn(idleCPUs, 0...65536)
        sane.quotaCPUs = isIn(quotaCPUs, 0.001...65536)
        sane.allowedCPUs = allowedCPUs.flatMap { $0 >= 1 ? $0 : nil }
        sane.supply?.percent = isIn(supply?.percent, 0...100)
        sane.watts = isIn(watts, 0...100_000)
        sane.ownCPUs = isIn(ownCPUs, 0...65536)
        if let inference {
            let isTime = isIn(inference.latencyNs, 1...6e10) != nil && isIn(inference.preparationNs, 0...6e10) != nil
            if !isTime || inference.threads < 1 { sane.inference = nil }
        }
        return sane
    }
}

extension Demand {
    /// The same with a rate and a deadline that can be computed with.
    var sanitized: Demand {
        var sane = self
        sane.rate = rate.flatMap { $0.isFinite && $0 > 0 ? min(max($0, 0.001), 1e6) : nil }
        sane.deadlineNs = deadlineNs.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
        return sane
    }
}
