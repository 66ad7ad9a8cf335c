import CLinux

/// What a thread can do to let the machine sleep.
package enum ThreadPower {
    /// How much later than asked for the calling thread's waits may end, so that the kernel can wake several at once. The
    /// default is 50 us. Best effort: a kernel that refuses wakes us on time.
    package static func setTimerSlack(nanoseconds: UInt64) { _ = tsr_timer_slack(nanoseconds) }
}
