extension Doctor {
    /// Heat, throttling, voltage and quota.
    func sensors() -> [Finding] { [] }
}
