package import Glibc

/// The name of an entry that `readdir` gave, up to its NUL; what is not UTF-8 is replaced.
///
/// An entry is as long as its name needs: whoever copies the whole struct, or its array of 256 bytes, reads beyond the buffer.
@unsafe package func folderEntryName(_ entry: UnsafePointer<dirent>) -> String {
    let start = unsafe UnsafeRawPointer(entry) + (MemoryLayout<dirent>.offset(of: \.d_name) ?? 0)
    return unsafe String(cString: start.assumingMemoryBound(to: CChar.self))
}
