import Glibc

/// CLOCK_MONOTONIC, the clock of V4L2's timestamps: nanoseconds since some fixed point, never set back.
package enum MonotonicClock {
    package static func now() -> UInt64 { nanoseconds(of: CLOCK_MONOTONIC) }
}

/// CPU time used so far, in nanoseconds.
package enum CPUClock {
    /// By all threads of this process.
    package static func process() -> UInt64 { nanoseconds(of: CLOCK_PROCESS_CPUTIME_ID) }
    /// By the calling thread.
    package static func thread() -> UInt64 { nanoseconds(of: CLOCK_THREAD_CPUTIME_ID) }
}

private func nanoseconds(of clock: clockid_t) -> UInt64 {
    var time = timespec()
    let result = unsafe clock_gettime(clock, &time)
    precondition(result == 0, "these clocks exist on every Linux")
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// The wall clock, which people set and NTP corrects: for time stamps, never for durations.
package enum WallClock {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package static func unixMilliseconds() -> Int64 { Int64(nanoseconds(of: CLOCK_REALTIME) / 1_000_000) }
}
