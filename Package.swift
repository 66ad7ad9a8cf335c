// swift-tools-version: 6.2
import PackageDescription

// The architecture diagram: arrows point down only, and each C target has exactly one Swift importer.

// Warnings are errors with the compiler the project is developed with; 6.2 and 6.3 disagree about redundant `unsafe`.
#if compiler(>=6.3)
let warnings: [SwiftSetting] = [.treatAllWarnings(as: .error)]
#else
let warnings: [SwiftSetting] = []
#endif

let swift: [SwiftSetting] =
    warnings + [
        .strictMemorySafety(),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableExperimentalFeature("Lifetimes"),
    ]

// Kernels are useless at -O0, also in a debug build; products must round after every float operation.
let kernelC: [CSetting] = [
    .define("_GNU_SOURCE"),
    .unsafeFlags(["-Wall", "-Wextra", "-Werror", "-ffp-contract=off"]),
    .unsafeFlags(["-O3"], .when(configuration: .debug)),
]

let shimC: [CSetting] = [.define("_GNU_SOURCE"), .unsafeFlags(["-Wall", "-Wextra", "-Werror"])]

let package = Package(
    name: "tarsier",
    products: [
        .executable(name: "tarsier", targets: ["tarsier"]),
        .executable(name: "tarsier-web", targets: ["tarsier-web"]),
        .library(name: "TarsierClient", targets: ["TarsierClient"]),
        // For the tests, which preload it into the program; never linked.
        .library(name: "AllocationCount", type: .dynamic, targets: ["CAllocationCount"]),
        .library(name: "SystemFaults", type: .dynamic, targets: ["CSystemFaults"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.100.0"),
        // Without its stream helpers, which would link all of Foundation with its 30 MB of locale data.
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.12.0"),
    ],
    targets: [
        // C: only what Swift cannot do.
        .target(name: "CKernels", cSettings: kernelC),
        .target(name: "CFloatKernels", cSettings: kernelC),
        .target(name: "CLinux", cSettings: shimC),
        .target(name: "CV4L2", cSettings: shimC, linkerSettings: [.linkedLibrary("v4l2")]),
        .target(name: "CImaging", cSettings: kernelC),
        .target(name: "CJPEG", cSettings: shimC, linkerSettings: [.linkedLibrary("jpeg")]),

        // The integer engine.
        .target(name: "LinuxIO", dependencies: ["CLinux"], swiftSettings: swift),
        .target(name: "Tensors", swiftSettings: swift),
        .target(name: "Kernels", dependencies: ["CKernels", "Tensors"], swiftSettings: swift),
        .target(name: "KernelHarness", dependencies: ["Kernels", "Tensors", "LinuxIO"], swiftSettings: swift),
        .target(name: "Graphs", dependencies: ["Tensors", "LinuxIO"], swiftSettings: swift),
        .target(name: "Quantization", dependencies: ["CFloatKernels", "Graphs", "Tensors"], swiftSettings: swift),
        // New classes for a trained network; the mathematics alone.
        .target(name: "Teaching", dependencies: ["Tensors"], swiftSettings: swift),
        .target(
            name: "Import",
            dependencies: [
                "Graphs", "LinuxIO", "Tensors", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            exclude: ["ONNX/onnx.proto"], swiftSettings: swift),
        .target(name: "Planning", dependencies: ["Graphs", "Kernels", "Tensors"], swiftSettings: swift),
        .target(
            name: "Engine", dependencies: ["Graphs", "Planning", "Kernels", "LinuxIO", "Tensors"], swiftSettings: swift),

        // How fast, with how many threads, and why.
        .target(name: "Power", dependencies: ["LinuxIO"], swiftSettings: swift),
        .target(name: "PowerSimulation", dependencies: ["Power", "Tensors"], swiftSettings: swift),

        // Pixels in, results out.
        .target(name: "Capture", dependencies: ["CV4L2", "LinuxIO", "Tensors"], swiftSettings: swift),
        .target(name: "Imaging", dependencies: ["CImaging", "CJPEG", "Tensors"], swiftSettings: swift),
        .target(name: "ImagingHarness", dependencies: ["Imaging", "Tensors"], swiftSettings: swift),
        .target(name: "Wire", swiftSettings: swift),
        .target(
            name: "Publishing",
            dependencies: [
                "LinuxIO", "Wire", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: swift),
        .target(
            name: "TarsierClient",
            dependencies: [
                "LinuxIO", "Wire", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: swift),

        // The page for browsers: a client of the daemon with a network of its own, in a process of its own.
        .target(
            name: "Web",
            dependencies: [
                "Graphs", "LinuxIO", "TarsierClient", "Tensors", "Wire",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            resources: ["icon.svg", "index.html", "page.css", "page.js", "charts.js", "board.js", "login.html"].map {
                .embedInCode("Page/\($0)")
            },
            swiftSettings: swift),
        .executableTarget(
            name: "tarsier-web",
            dependencies: [
                "Web", .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swift),

        // The program.
        .target(
            name: "Daemon",
            dependencies: [
                "Capture", "Engine", "Graphs", "Imaging", "Kernels", "LinuxIO", "Planning", "Power", "Publishing",
                "Tensors", "Wire",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swift),
        .executableTarget(
            name: "tarsier",
            dependencies: [
                "Capture", "Daemon", "Engine", "Graphs", "Imaging", "Import", "KernelHarness", "Kernels", "LinuxIO",
                "Planning", "Power", "Quantization", "Teaching", "Tensors", "TarsierClient", "Wire",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swift),

        // Holds the socket under load; for developers, not a product.
        .executableTarget(
            name: "tarsier-load",
            dependencies: [
                "LinuxIO", "TarsierClient", "Tensors", "Wire",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swift),

        // Runs the governor on simulated boards and draws the plots of docs/power.md; for developers, not a product.
        .executableTarget(
            name: "tarsier-simulate", dependencies: ["LinuxIO", "Power", "PowerSimulation"], swiftSettings: swift),

        // A tiny model and JPEG frames for the tests in a virtual machine; for developers, not a product.
        .executableTarget(
            name: "tarsier-samples",
            dependencies: [
                "Capture", "Graphs", "Imaging", "LinuxIO", "Quantization", "Tensors",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swift),

        // Times imaging alone, for bench/imaging; for developers, not a product.
        .executableTarget(
            name: "tarsier-imaging",
            dependencies: [
                "Imaging", "LinuxIO", "Tensors", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swift),

        // Compares imported networks with what another runtime computed, for bench/networks; not a product.
        .executableTarget(
            name: "tarsier-parity",
            dependencies: ["Engine", "Graphs", "Import", "Kernels", "LinuxIO", "Planning", "Quantization", "Tensors"],
            swiftSettings: swift),

        // Damaged ONNX, PyTorch and safetensors files; for developers, not a product.
        .target(name: "ImportHarness", dependencies: ["Tensors"], swiftSettings: swift),
        .target(name: "CAllocationPeak", path: "Tests/CAllocationPeak", cSettings: shimC),
        .executableTarget(
            name: "tarsier-import-fuzz",
            dependencies: ["CAllocationPeak", "Import", "ImportHarness", "LinuxIO", "Tensors"], swiftSettings: swift),

        // Damaged JPEGs under sanitizers; for developers, not a product.
        .executableTarget(name: "tarsier-jpeg-fuzz", dependencies: ["ImagingHarness"], swiftSettings: swift),

        // Broken input for everything that reads any; `tarsier-fuzz` is C because libFuzzer brings the main.
        .target(
            name: "Fuzzing",
            dependencies: [
                "Capture", "Daemon", "Engine", "Graphs", "Imaging", "Kernels", "LinuxIO", "Planning", "Power",
                "Quantization", "Tensors", "Wire",
            ],
            swiftSettings: swift),
        .executableTarget(name: "tarsier-fuzz", dependencies: ["Fuzzing"], cSettings: shimC),

        // Tests: one target a target, and the program as its users run it.
        .testTarget(name: "LinuxIOTests", dependencies: ["LinuxIO"], swiftSettings: swift),
        .testTarget(
            name: "KernelTests", dependencies: ["KernelHarness", "Kernels", "LinuxIO", "Tensors"], swiftSettings: swift),
        .testTarget(
            name: "ImportTests",
            dependencies: [
                "Graphs", "Import", "ImportHarness", "Quantization", "Tensors",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            exclude: ["Fixtures", "make-fixtures.py"], swiftSettings: swift),
        .testTarget(name: "GraphsTests", dependencies: ["Graphs", "LinuxIO", "Tensors"], swiftSettings: swift),
        .testTarget(
            name: "QuantizationTests", dependencies: ["Graphs", "Quantization", "Tensors"], swiftSettings: swift),
        .testTarget(
            name: "PlanningTests", dependencies: ["Graphs", "Kernels", "Planning", "Quantization", "Tensors"],
            swiftSettings: swift),
        .testTarget(
            name: "EngineTests", dependencies: ["Engine", "Graphs", "Kernels", "Planning", "Quantization", "Tensors"],
            swiftSettings: swift),
        .testTarget(
            name: "CaptureTests", dependencies: ["Capture", "Imaging", "LinuxIO", "Tensors"], swiftSettings: swift),
        .testTarget(
            name: "ImagingTests", dependencies: ["Imaging", "ImagingHarness", "LinuxIO", "Tensors"],
            swiftSettings: swift),
        .testTarget(name: "TeachingTests", dependencies: ["Teaching", "Tensors"], swiftSettings: swift),
        .testTarget(name: "WireTests", dependencies: ["Tensors", "Wire"], swiftSettings: swift),
        .testTarget(
            name: "PublishingTests",
            dependencies: [
                "LinuxIO", "Publishing", "TarsierClient", "Wire", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: swift),
        .testTarget(
            name: "WebTests",
            dependencies: [
                "TarsierClient", "Web", "Wire", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: swift),
        .testTarget(name: "PowerTests", dependencies: ["Power", "PowerSimulation", "Tensors"], swiftSettings: swift),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "Capture", "Daemon", "Imaging", "Power", "Tensors", "Wire",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: swift),
        .testTarget(name: "FuzzingTests", dependencies: ["Fuzzing", "Tensors"], swiftSettings: swift),
        .target(name: "CAllocationCount", path: "Tests/CAllocationCount", cSettings: shimC),
        .target(name: "CSystemFaults", path: "Tests/CSystemFaults", cSettings: shimC),
        .testTarget(
            name: "CommandLineTests", dependencies: ["Capture", "Imaging", "ImportHarness", "Tensors", "Wire"]),
    ]
)
