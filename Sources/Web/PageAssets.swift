/// The files of the page, compiled in: the program needs nothing beside itself.
struct PageAsset: Sendable {
    let type: String
    let bytes: [UInt8]

    static let index = PageAsset(type: "text/html; charset=utf-8", bytes: PackageResources.index_html)
    /// Where a token is typed.
    static let login = PageAsset(type: "text/html; charset=utf-8", bytes: PackageResources.login_html)

    /// By path.
    static let all: [String: PageAsset] = [
        "/": index,
        "/page.css": PageAsset(type: "text/css; charset=utf-8", bytes: PackageResources.page_css),
        "/page.js": PageAsset(type: "text/javascript; charset=utf-8", bytes: PackageResources.page_js),
        "/charts.js": PageAsset(type: "text/javascript; charset=utf-8", bytes: PackageResources.charts_js),
        "/board.js": PageAsset(type: "text/javascript; charset=utf-8", bytes: PackageResources.board_js),
        "/icon.svg": PageAsset(type: "image/svg+xml", bytes: PackageResources.icon_svg),
    ]
}
