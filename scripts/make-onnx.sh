#!/bin/sh
# Makes Sources/Import/ONNX/onnx.pb.swift from onnx.proto. Needs protoc (Debian: protobuf-compiler) and the plugin of the
# swift-protobuf version in Package.resolved, which takes minutes to build; that is why the result is committed.
set -eu
cd "$(dirname "$0")/.."
plugin=$(find .build -path '*checkouts/swift-protobuf' -prune -o -name protoc-gen-swift -type f -print 2>/dev/null | head -n 1)
if [ -z "$plugin" ]; then
    swift build --package-path .build/checkouts/swift-protobuf --product protoc-gen-swift
    plugin=.build/checkouts/swift-protobuf/.build/debug/protoc-gen-swift
fi
protoc --plugin=protoc-gen-swift="$plugin" --proto_path=Sources/Import/ONNX --swift_opt=Visibility=Internal \
    --swift_out=Sources/Import/ONNX Sources/Import/ONNX/onnx.proto
