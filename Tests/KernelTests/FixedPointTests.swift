import Tensors
import Testing

struct FixedPointTests {
    @Test(
        "Numbers with so many decimals",
        arguments: [
            (0.0, 2, "0.00"), (-0.001, 2, "0.00"), (-0.006, 2, "-0.01"), (1.25, 1, "1.3"), (12345.6, 0, "12346"),
            (0.05, 2, "0.05"), (-7, 1, "-7.0"), (9.999, 2, "10.00"),
        ])
    func finite(number: Double, decimals: Int, text: String) {
        #expect(number.fixed(decimals) == text)
    }

    @Test("There is no text of what is not finite, or too large", arguments: [Double.nan, .infinity, -.infinity, 1e15])
    func others(number: Double) {
        #expect(number.fixed(1) == nil)
    }
}
