import Glibc

extension Double {
    /// Decimal logarithm; here so that no other file needs the C library.
    var logarithm10: Double { log10(self) }
}
