/// What an import may take, so that a hostile file asks for neither unbounded memory nor unbounded time.
///
/// Memory: a model's weights are held three times while they are translated. A hostile file can spend two bytes on a
/// message that takes some 200 when decoded, so the bound is `128 * file size + 64 MiB`; a fuzzer holds the importer to it.
package enum ImportLimits {
    /// Bytes of a file.
    package static let fileBytes = 2 << 30

    /// Bytes that the import of a file takes at most.
    package static func memory(fileBytes: Int) -> Int { 128 * fileBytes + (64 << 20) }

    /// Nodes of a foreign graph; exporters write several where we have one.
    package static let nodes = 20_000
    /// Tensors of a file.
    package static let tensors = 20_000
    /// Members of a zip archive.
    package static let members = 40_000
    /// Bytes of the pickle of a `.pt` file; that of DenseNet-121 has 90 KB.
    package static let pickleBytes = 16 << 20
    /// Bytes of a tensor's name.
    package static let nameBytes = 512
    /// Extents of a tensor.
    package static let rank = 8
    /// Elements of a constant that is computed while importing (shapes, not weights).
    package static let folded = 1 << 20
}
