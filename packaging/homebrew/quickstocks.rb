cask "quickstocks" do
  version "@VERSION@"
  sha256 "@SHA256_DMG@"

  url "@URL@/@DMG@"
  name "Quickstocks"
  desc "Stock ticker with an MQTT broker inside"
  homepage "@REPOSITORY@"

  depends_on macos: ">= :big_sur"
  depends_on arch: :arm64

  app "Quickstocks.app"

  zap trash: [
    "~/Library/Application Support/app.quickstocks.desktop",
    "~/Library/Caches/app.quickstocks.desktop",
    "~/Library/WebKit/app.quickstocks.desktop",
  ]
end
