/// Limited-memory BFGS for smooth convex functions (Nocedal and Wright, "Numerical optimization", 2006, algorithms 7.4 and
/// 3.1). One thread, one order of operations: the same bits every time.
enum Minimizer {
    typealias Vector = [SIMD8<Double>]

    struct Outcome {
        let point: Vector
        let value: Double
        let iterations: Int
    }

    /// Pairs of steps and gradient changes that are remembered.
    private static let history = 8

    /// - Parameters:
    ///   - tolerance: of the largest component of the gradient.
    ///   - function: the value at a point; puts the gradient into its second argument.
    static func minimize(
        from start: Vector, tolerance: Double, iterations: Int, _ function: (Vector, inout Vector) -> Double
    ) -> Outcome {
        var point = start
        var gradient = Vector(repeating: .zero, count: start.count)
        var value = function(point, &gradient)
        var (steps, changes, curvatures): ([Vector], [Vector], [Double]) = ([], [], [])
        for iteration in 0..<iterations {
            if largest(gradient) <= tolerance { return Outcome(point: point, value: value, iterations: iteration) }
            var direction = descent(gradient, steps, changes, curvatures)
            var slope = dot(direction, gradient)
            if slope >= 0 {  // rounding has spoilt the memory
                (steps, changes, curvatures) = ([], [], [])
                direction = gradient.map { -$0 }
                slope = -dot(gradient, gradient)
            }
            var length = steps.isEmpty ? min(1, 1 / (-slope).squareRoot()) : 1
            var (next, nextGradient) = (point, gradient)
            var nextValue = Double.infinity
            var isLower = false
            for _ in 0..<30 {
                next = add(direction, times: length, to: point)
                nextValue = function(next, &nextGradient)
                isLower = nextValue <= value + 1e-4 * length * slope
                if isLower { break }
                length /= 2
            }
            guard isLower else { return Outcome(point: point, value: value, iterations: iteration) }
            let step = add(point, times: -1, to: next)
            let change = add(gradient, times: -1, to: nextGradient)
            let curvature = dot(step, change)
            if curvature > 1e-12 * dot(change, change) {
                steps.append(step)
                changes.append(change)
                curvatures.append(curvature)
                if steps.count > history {
                    steps.removeFirst()
                    changes.removeFirst()
                    curvatures.removeFirst()
                }
            }
            (point, gradient, value) = (next, nextGradient, nextValue)
        }
        return Outcome(point: point, value: value, iterations: iterations)
    }

    /// Minus the gradient times the remembered inverse of the Hessian: the two loops of algorithm 7.4.
    private static func descent(
        _ gradient: Vector, _ steps: [Vector], _ changes: [Vector], _ curvatures: [Double]
    ) -> Vector {
        var direction = gradient.map { -$0 }
        var shares = [Double](repeating: 0, count: steps.count)
        for i in steps.indices.reversed() {
            shares[i] = dot(steps[i], direction) / curvatures[i]
            direction = add(changes[i], times: -shares[i], to: direction)
        }
        if let change = changes.last, let curvature = curvatures.last {
            let scale = curvature / dot(change, change)
            for i in direction.indices { direction[i] *= scale }
        }
        for i in steps.indices {
            let share = dot(changes[i], direction) / curvatures[i]
            direction = add(steps[i], times: shares[i] - share, to: direction)
        }
        return direction
    }

    private static func dot(_ a: Vector, _ b: Vector) -> Double {
        var sum = SIMD8<Double>.zero
        for i in a.indices { sum += a[i] * b[i] }
        return sum.sum()
    }

    private static func add(_ a: Vector, times factor: Double, to b: Vector) -> Vector {
        var sum = b
        for i in sum.indices { sum[i] += a[i] * factor }
        return sum
    }

    private static func largest(_ a: Vector) -> Double {
        var most = SIMD8<Double>.zero
        for x in a { most = pointwiseMax(most, pointwiseMax(x, -x)) }
        return most.max()
    }
}
