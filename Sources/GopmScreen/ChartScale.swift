import GopmModel

/// What the values of a chart are.
package enum ChartUnit: Sendable, Hashable {
    case percent, bytes, seconds, count

    /// A value as the axis and the legend have it.
    package func text(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e18 else { return "-" }
        return switch self {
        case .percent: value == value.rounded() ? "\(Int(value))%" : HumanFormat.percent(value)
        case .bytes: HumanFormat.byteLimit(UInt64(max(0, value)))
        // `2h`, `2h 15m`: the two largest units, without the zeros of the full form.
        case .seconds:
            HumanFormat.uptimeInFull(.seconds(Int64(value))).split(separator: " ").prefix(2)
                .enumerated().filter { $0 == 0 || !$1.hasPrefix("0") }.map { String($1) }.joined(separator: " ")
        case .count: value == value.rounded() ? "\(Int(value))" : "\((value * 10).rounded() / 10)"
        }
    }

    /// The distance of two marks that people count in: the smallest that is not below `least`.
    fileprivate func step(notBelow least: Double) -> Double {
        switch self {
        case .percent: max(1, Self.decimalStep(least))
        case .count: max(1, Self.decimalStep(least))
        case .bytes:
            // Powers of two: 1 MB, 2 MB, 4 MB, … 512 MB, 1 GB.
            1_048_576 * Self.powerOfTwo(notBelow: least / 1_048_576)
        case .seconds:
            Self.times.first { $0 >= least } ?? 86_400 * Self.powerOfTwo(notBelow: least / 86_400)
        }
    }

    private static let times: [Double] = [
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
    ]

    private static func powerOfTwo(notBelow least: Double) -> Double {
        var power = 1.0
        while power < least { power *= 2 }
        return power
    }

    /// 1, 2 or 5 times a power of ten.
    private static func decimalStep(_ least: Double) -> Double {
        var power = 0.1
        while power * 10 < least { power *= 10 }
        return [1, 2, 5, 10].map { $0 * power }.first { $0 >= least } ?? 10 * power
    }
}

/// The upright axis: from 0 to a round number, with round numbers between.
package struct ChartScale: Sendable, Hashable {
    package let top: Double
    package let step: Double

    /// `intervals`: The most parts that the axis may have, at least 1.
    package init(maximum: Double, unit: ChartUnit, intervals: Int) {
        let maximum = maximum.isFinite ? max(0, maximum) : 0
        step = unit.step(notBelow: maximum / Double(max(1, intervals)))
        top = max(step, (maximum / step).rounded(.up) * step)
    }

    package var marks: [Double] {
        (0...Int((top / step).rounded())).map { Double($0) * step }
    }
}

/// The lower axis: round local times.
package enum TimeAxis {
    private static let steps: [Int64] = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200]

    /// Moments that are round on the wall clock, at most `count`; `offset` is local time minus UTC, in seconds.
    package static func marks(in times: ClosedRange<Int64>, atMost count: Int, offset: (Int64) -> Int64) -> [Int64] {
        let span = times.upperBound - times.lowerBound
        let step = steps.first { span / $0 <= Int64(max(1, count)) } ?? 86_400
        let local = times.lowerBound + offset(times.lowerBound)
        let first = times.lowerBound + (step - local % step) % step
        return Array(stride(from: first, through: times.upperBound, by: Int64.Stride(step)))
    }

    /// `14:05`.
    package static func text(_ time: Int64, offset: (Int64) -> Int64) -> String {
        let minutes = ((time + offset(time)) / 60) % 1440
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(minutes / 60)):\(two(minutes % 60))"
    }
}
