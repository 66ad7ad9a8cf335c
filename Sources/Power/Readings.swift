/// What the sensors said at one moment; nil is what this machine does not tell. Values are as they came: the governor holds
/// nothing for true that cannot be.
package struct Readings: Hashable, Sendable {
    /// Of the monotonic clock.
    package var atNs: UInt64
    package var temperature: Temperature?
    package var frequency: Frequency?
    package var throttling: Throttling?
    /// Share of the time since the last readings that threads waited for a CPU which others had, 0 to 1.
    package var contention: Double?
    /// CPUs, of those allowed, that nobody used since the last readings.
    package var idleCPUs: Double?
    /// CPUs the control group may use, such as 0.5.
    package var quotaCPUs: Double?
    /// CPUs the daemon may run on.
    package var allowedCPUs: Int?
    package var supply: Supply?
    /// What the meter says: of the board, of the CPU or of the battery, as the machine has it.
    package var watts: Double?
    package var fan: Fan?
    /// CPUs the daemon itself used since the last readings.
    package var ownCPUs: Double?
    /// CPUs, of those allowed, that other programs used since the last readings.
    package var otherCPUs: Double? {
        guard let allowedCPUs, let idleCPUs, let ownCPUs else { return nil }
        return max(0, Double(allowedCPUs) - idleCPUs - ownCPUs)
    }
    /// How long an inference took, where there was one since the last readings.
    package var inference: Inference?

    /// What inferences really took of late.
    package struct Inference: Hashable, Sendable {
        package var threads: Int
        /// Of the network alone.
        package var latencyNs: Double
        /// CPU time of decoding and preparing the picture.
        package var preparationNs: Double

        package init(threads: Int, latencyNs: Double, preparationNs: Double) {
            self.threads = threads
            self.latencyNs = latencyNs
            self.preparationNs = preparationNs
        }
    }

    package init(atNs: UInt64) { self.atNs = atNs }
}
