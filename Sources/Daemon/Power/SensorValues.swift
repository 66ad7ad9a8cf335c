internal import Power

extension Readings {
    /// Names with units and values, for `status` and `metrics`.
    var values: [String: Double] {
        var values: [String: Double] = [:]
        values["temperature_celsius"] = temperature?.celsius
        values["frequency_mhz"] = frequency.map { Double($0.currentKHz) / 1000 }
        values["throttled"] = throttling.map { $0.isThrottled ? 1 : 0 }
        values["undervoltage"] = throttling.map { $0.isUndervolted ? 1 : 0 }
        values["contention"] = contention
        values["idle_cpus"] = idleCPUs
        values["quota_cpus"] = quotaCPUs
        values["allowed_cpus"] = allowedCPUs.map(Double.init)
        values["on_battery"] = supply.map { $0.isOnBattery ? 1 : 0 }
        values["battery_percent"] = supply?.percent
        values["watts"] = watts
        values["fan_rpm"] = fan?.rpm.map(Double.init)
        values["fan_drive"] = fan?.drive
        values["own_cpus"] = ownCPUs
        return values.filter { $0.value.isFinite }
    }
}
