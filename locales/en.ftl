# English. Each language is one file here, named by its BCP 47 tag, with these ids and the same { $variables }.
# Texts are plain and exact: first what is, then why, then what happens by itself, then what can be done.

## Everywhere

close = Close
cancel = Cancel
save = Save
remove = Remove
undo = Undo
open = Open
retry = Retry
copied = Copied
copy-topic = Copy topic
copy-command = Copy command
copy-fingerprint = Copy fingerprint
copy-address = Copy address
settings = Settings
lists = Lists
keys = Keys
part-missing = This part did not load

## The start, and the login of the web page

start-waiting = Quickstocks is not answering yet.
# { $file } is the file's name, set apart.
login-why = This page needs the token of your user. It stands in the file { $file } in the data folder.
login-token = Token
login-button = Log in
server-silent = The server does not answer.
server-answered = The server answered { $status }.

## First page

first-title = Pick a few to follow
first-text = Prices start at once. You can change everything later.
first-found = Found
first-us = US shares
first-world = Europe and Asia
first-indices = Indices
first-others = Currencies, crypto, metals
first-euro = Euro / dollar
first-gold = Gold
first-check = Feed check
first-received = { $n } of { $all } quotes received
first-received-note = Each with its time and source
first-moves = Tell me of big moves
first-moves-note = ±3 % on the day, once a day each way. One switch in the settings.
first-picked = { $n } picked
first-empty = Start with an empty list
first-follow = Follow { $n }

## Search

search-label = Search symbol or name
search-results = Search results
search-following = Following
search-follow = Follow
search-hint-choose = choose
search-hint-follow = follow
search-hint-open = open only
search-hint-close = close
search-count = { $n ->
    [one] { $n } result
   *[other] { $n } results
}
search-failed = Search is not possible now.
search-none = No match for “{ $text }”.
search-none-hint = Try a name, a ticker, or a ticker with its exchange, such as VOD.L.

## Lists

# The list everybody begins with.
list-main = Main
list-tab = { $name } – F2 renames, Delete removes
list-name = Name of the list
list-new = New list
list-empty = Nothing in “{ $name }” yet.
# { $key } is a key of the keyboard.
list-empty-hint = Press { $key } and type a name, or take one of these.
sort-by = Sort by
sort-manual = Manual
sort-symbol = Symbol
sort-change = Change %
sort-price = Price
sort-cap = Market cap
sort-reverse = Reverse
follow-failed = { $symbol } is not followed
unfollow-failed = { $symbol } is still followed
unfollowed = { $symbol } removed
order-failed = The order is not kept
list-add-failed = The list is not made
list-rename-failed = The list keeps its name
list-remove-failed = The list stays
list-removed = List “{ $name }” removed

## Rows: what stands below a price, short

row-live = Live
row-delayed = Delayed
row-pre = Pre
row-post = Post
row-closed = Closed { $when }
row-stale = Stale { $when }
row-rate = Reference rate { $day }
row-halted = No trade since { $when }
row-gone = Not traded any more
# Behind row-gone.
row-gone-last = last { $day }
row-unknown = Unknown symbol
halted-why = Halted or thinly traded
mark-simulated = SIMULATED
mark-replay = REPLAY
# A row as a screen reader says it.
spoken-up = up { $percent } percent
spoken-down = down { $percent } percent
spoken-unchanged = unchanged
spoken-simulated = simulated
spoken-replay = replay
spoken-stale = stale
spoken-halted = no recent trade
spoken-delisted = not traded any more

## The foot: how the feed is

feed-live = Live
feed-closed = Markets closed
feed-next-open = next open { $when }
feed-connecting = Connecting
feed-slow = Slow
feed-refused = Refused
feed-offline = Offline
feed-real-time = real time
feed-delayed = delayed { $minutes } min
feed-up-to = up to { $minutes } min delayed
feed-retrying = retrying
feed-retry-in = retrying in { $wait }
feed-last-prices = last prices { $when }
# Two names of providers are written out; of more, the first.
feed-names = { $name } and { $n } more
feed-down = { $name } is down
feed-down-since = { $reason }, since { $when }
feed-slow-too = { $name } is slow
feed-key-title = { $name }: key rejected
feed-prices-from = prices from { $names }
feed-chosen = made-up prices, as chosen
feed-no-live = no live price yet
feed-name-refused = { $name } refused
feed-none-since = No prices since { $when }
feed-some-stale = { $n ->
    [one] { $n } price stale since { $when }
   *[other] { $n } prices stale since { $when }
}
feed-stale-since = Stale since { $when }

## Banners

banner-retry = Retry now
banner-providers = Providers
banner-understood = Understood
banner-key-title = { $name } did not accept the key.
banner-key-button = Replace key
banner-consent-title = { $name } asks about its cookies.
banner-consent-text = Until you decide, prices come the slower way, without all details. Set consent in { $section } of the configuration to “reject” or “accept”, then start Quickstocks again.
banner-slow-title = { $name } is slow.
banner-slow-text = Prices come less often.
banner-slow-next = Next try { $time }.
banner-offline-title = The connection to Quickstocks is lost.
banner-offline-text = Prices resume by themselves. Your lists and alerts are kept.
banner-simulated-title = SIMULATED PRICES
banner-simulated-chosen = These numbers are made up: the simulated market was chosen.
banner-simulated-text = These numbers are made up: no provider has answered yet. Live prices will replace all of them.
banner-replay-text = Recorded prices of { $day }.
banner-refused-title = This network blocks { $name }.
banner-refused-text = Your lists and alerts are kept; prices resume by themselves.
banner-stopped-title = Prices stopped at { $when }.
banner-some-stopped-title = { $n ->
    [one] { $n } price stopped at { $when }.
   *[other] { $n } prices stopped at { $when }.
}
banner-silent = { $name } does not answer.
banner-retrying = Retrying.
banner-retry-in = Retrying in { $wait }.
banner-others = The others go on.
banner-port-title = Port { $port } is in use by another program.
banner-port-text = MQTT clients connect as soon as it is free.
banner-port-use = Use { $port }
port-used = MQTT clients connect to port { $port } until Quickstocks ends

## Instrument

nothing-title = Nothing selected.
nothing-hint = Press { $key } and type a name.
follow = Follow
following = Following
add-alert = Add alert
more = More
menu-pin = Price beside the tray icon
price-last = Last price
price-last-at = Last price, { $when }
price-close-at = At close, { $when }
price-rate-of = Rate of { $day }
session-pre = Pre-market
session-regular = Open
session-post = After hours
session-overnight = Overnight
session-closed = Closed
state-stale = Stale
not-market-price = not a market price
not-price-of-now = recorded, not a price of now
reference-rate = reference rate
# When regular trading begins or ends: in 3 h, or at a time.
hours-opens-in = opens in { $wait }
hours-opens-at = opens { $when }
hours-closes-in = closes in { $wait }
hours-closes-at = closes { $when }
quoted-in = quoted in { $unit }
mqtt-topic = MQTT topic
unknown-title = { $symbol } is not known.
unknown-text = No provider has a price for it. Check the spelling, or add its exchange, such as VOD.L.
unknown-remove = Remove from the list
waiting-first = Waiting for the first price.

## Chart

chart = Chart
chart-range = Range
chart-style = Drawn as
chart-line = Line
chart-candles = Candles
chart-compare = Compare
chart-compare-with = Compare with
chart-compare-remove = Stop comparing with { $symbol }
chart-compare-none = No prices of { $symbol } in this time
# How far back prices reach.
chart-since = Prices since { $day }
# On buttons as wide as two characters.
range-short-1d = 1D
range-short-5d = 5D
range-short-1mo = 1M
range-short-6mo = 6M
range-short-ytd = YTD
range-short-1y = 1Y
range-short-5y = 5Y
range-short-max = MAX
range-1d = today
range-5d = 5 days
range-1mo = a month
range-6mo = 6 months
range-ytd = this year
range-1y = a year
range-5y = 5 years
range-max = all years
chart-of = Chart of { $symbol }
chart-sentence = { $symbol } over { $range }: from { $first } to { $last }, { $move }.
chart-kept = Chart of { $when } · { $provider } does not answer
chart-none = No prices for { $range }.
# Behind chart-none: which there are.
chart-none-but = { $symbol } has prices from { $from } to { $to }.
chart-previous-close = Previous close
chart-extended = Extended hours
chart-as-table = Show as table
tip-price = Price
tip-since-close = Since close
tip-since-start = Since start
tip-volume = Volume
table-time = Time
table-open = Open
table-high = High
table-low = Low
table-close = Close
table-volume = Volume

## Figures

figures = Figures
figure-open = Open
figure-previous-close = Previous close
figure-volume = Volume
# Beside the volume.
figure-average = avg { $volume }
figure-average-volume = Average volume of a day
figure-cap = Market cap
figure-pe = P/E (TTM)
figure-yield = Dividend yield
figure-day-range = Day range
figure-year-range = 52-week range
figure-year-range-short = 52-week
not-reported = Not reported by { $provider }

## Presets

presets = Presets
preset-technology = Technology
preset-technology-note = US and Europe
preset-picks = Most followed
preset-picks-note = on this desk
preset-lists = Lists of the market
preset-markets = Markets
preset-trending = Trending
preset-most-active = Active
preset-gainers = Gainers
preset-losers = Losers
preset-none = { $provider } gives no list now.

## Alerts

alerts = Alerts
alert-add = Add
alert-edit = Edit this alert
alert-above = above { $price }
alert-below = below { $price }
alert-move-within = ±{ $percent } in { $minutes } min
alert-year-high = 52-week high
alert-year-low = 52-week low
alert-volume-spike = volume { $times } × the usual
alert-day-move = ±{ $percent } today
alert-default-title = For everything you follow. Settings
alert-armed = Alert set
alert-fired = fired { $when }
alert-disarmed = off
alert-waiting = again in { $wait }
alert-stale = paused while stale
alert-off = off while simulated
alert-paused = paused until { $time }
alert-quiet = quiet until { $time }
alert-away = { $distance } away ({ $percent })
alert-now = now { $percent }
alert-times-now = now { $times } × the usual
alert-no-usual = usual volume unknown
alert-no-year = 52 weeks unknown
alert-remove-failed = The alert stays
alert-removed = Alert removed
alert-back-failed = The alert does not come back
alert-arm-failed = The alert is not switched
alerts-muted = Alerts muted
alerts-of = Alerts of { $symbol }
mute-on = On
mute-today = Muted today
mute-ever = Muted until turned on
muted = muted
muted-today = muted today
mute-failed = Alerts of { $symbol } are as they were
mute-symbol-today = Mute { $symbol } today
unmute-symbol = Tell alerts of { $symbol } again
show = Show
alerts-fired-more =
    { $n ->
        [one] One more alert
       *[other] { $n } more alerts
    } · { $symbols }

## The alert log, and all alerts

alerts-unread = Alerts, { $n } unread
alerts-log = Log ({ $n })
alerts-all = All alerts ({ $n })
log-clear = Clear the log
log-clear-ask = Forget everything here? Alerts stay.
log-failed = The alert log is as it was
log-empty = Nothing has fired yet
log-empty-text = What fires is written down here, also with the window closed.
log-open = Open { $symbol }
log-new = New
log-price-of = Price of { $at }
silent-paused = not told: paused
silent-muted = not told: muted
silent-quiet_hours = not told: quiet hours
day-today = Today, { $day }
day-yesterday = Yesterday, { $day }
digest-of = Biggest moves of { $day }
digest-up = Rose most
digest-down = Fell most
all-order = Order
all-order-distance = Nearest first
all-order-symbol = Symbol
all-empty = No alerts
all-empty-text = Be told when a price crosses a value or moves by a percentage.
all-add = Add alert for { $symbol }
alert-switch = Armed: { $alert }
alert-remove = Remove alert: { $alert }

## Alert editor

alert-title-new = New alert for { $symbol }
alert-title = Alert for { $symbol }
alert-when = When
alert-kind-above = Price rises above
alert-kind-below = Price falls below
alert-kind-day_move = Moves today by ± %
alert-kind-move_within = Moves in N min by ± %
alert-kind-year_high = New 52-week high
alert-kind-year_low = New 52-week low
alert-kind-volume_spike = Volume above N × the usual
alert-value = Value
alert-by = By
alert-within = within
alert-min = min
alert-minutes = Minutes
alert-times-usual = × the usual
alert-value-wrong = A number above 0, such as { $example }.
alert-minutes-wrong = Whole minutes, 1 to 1440.
alert-preview-day = Now { $percent } on the day.
alert-preview-above = { $distance } above the price ({ $percent }).
alert-preview-below = { $distance } below the price ({ $percent }).
alert-preview-within = From the price of now that is { $up } or { $down }.
alert-preview-year_high = { $distance } below the 52-week high of { $price } ({ $percent }).
alert-preview-year_low = { $distance } above the 52-week low of { $price } ({ $percent }).
alert-preview-volume = Now { $times } × the usual ({ $volume } of { $usual }).
alert-never-volume = { $provider } tells no usual volume of { $symbol }: this alert stays silent.
alert-never-year = { $provider } tells no 52-week range of { $symbol }: this alert stays silent.
alert-true-day = True now. It fires when the move has been smaller once.
alert-true-volume = True now. It fires on the next day that brings as much.
alert-true-year_high = At its 52-week high now. It fires at a new one on another day.
alert-true-year_low = At its 52-week low now. It fires at a new one on another day.
alert-true-above = True now. It fires when the price has been below { $price } once.
alert-true-below = True now. It fires when the price has been above { $price } once.
alert-never-there = Not there in a year.
alert-there-today = Last there today.
alert-there-on = Last there on { $day }.
alert-target = { $price } target
alert-price-now = { $price } now
alert-repeat = Repeat
alert-once = Once
alert-every-time = Every time
alert-once-note = It stays in the list, disarmed, once it has fired.
alert-every-time-note = Each crossing, once the price has gone back a little.
alert-move-note = Each such move, once it has been smaller in between.
alert-daily-note = Once a day at the most.
alert-wait = Wait at least
alert-wait-between = between alerts
wait-none = no wait
wait-minutes = { $n } min
wait-hours =
    { $n ->
        [one] 1 hour
       *[other] { $n } hours
    }
wait-days =
    { $n ->
        [one] 1 day
       *[other] { $n } days
    }
alert-hours = Hours
alert-extended = Also before and after regular hours
alert-discard-ask = Discard what you changed?
alert-keep-editing = Keep editing
alert-discard = Discard
alert-told = Told by
alert-told-desktop = Desktop notification
alert-told-page = This page
alert-delete = Delete alert
alert-arms-again = Saving arms it.

## Settings: providers

providers-note = Asked from the top down. The first that answers for a symbol is used.
providers-none = No provider has been asked yet.
health-up = Up
health-degraded = Degraded
health-down = Down
health-off = Off
health-since = Since { $when }
health-since-short = since { $when }
health-not-needed = not needed now
health-next = next try in { $wait }
health-trying = trying
purpose-coinbase = Crypto, real time
purpose-binance = Crypto, real time
purpose-yahoo = Shares, funds, FX, crypto
purpose-finnhub = US shares, real time
purpose-ecb = Currencies, once a day
purpose-replay = A recording
purpose-simulated = Made-up prices
key-none-needed = No key needed
key-label = Key for { $provider }
key-paste = No key · paste one
key-paste-new = Paste the new key
key-replace = Replace
key-set = Set
key-unknown = Key unknown
key-in-keychain = Key saved in the keychain
key-in-environment = Key from the environment
key-in-file = Key from secrets.toml
keys-note-desktop = Keys go to the keychain of this system. They can be replaced or removed, never shown.
keys-note-web = Keys go to the keychain of the system that Quickstocks runs on. They can be replaced or removed, never shown.

## Settings: the rest

appearance = Appearance
language = Language
language-note = Numbers and dates follow it.
language-system = System
theme = Theme
theme-system = System
theme-light = Light
theme-dark = Dark
colours = Colours
colours-note = Direction is always an arrow and a sign, too.
palette-western = Green up, red down
palette-eastasian = Red up, green down
palette-cvd = Blue up, orange down
moves = Tell of big moves
moves-note = Everything you follow that moves by 3 % on the day, once a day each way.
quiet = Quiet hours
quiet-note = What fires then is written to the log, and makes no sound.
quiet-from = Quiet from
quiet-to = Quiet until
digest = Daily summary
digest-note = The biggest moves of what you follow, in one notification.
digest-at = Time of the daily summary
unmute = Unmute
delivery = Notifications
delivery-note = Shown by the system.
delivery-by = Shown by { $service }.
delivery-last = The last one was taken { $when }.
delivery-test = Send a test
pause = Pause all alerts
pause-note = For an hour. They go on by themselves.
pause-until = Nothing is told until { $time }.
pause-resume = Resume now
pause-start = Pause for 1 hour
tray = Tray
tray-price = Pinned price
tray-price-note = Or in its tooltip, where the desktop shows no text.
tray-first = First of the list
tray-text = Beside the tray icon
tray-text-pinned = One price
tray-text-rotate = In turn
tray-text-off = Nothing
tray-none = This desktop shows no tray icon: closing the window ends Quickstocks.
tray-seconds = Each for
tray-seconds-note = Closed markets are left out.
tray-pinned-note = Beside the icon, and the first in its menu.
strip-setting = Ticker strip
strip-setting-note = A small window with your prices, above all others.
release = Free the window’s memory
release-note = After it has been in the tray for so long. Alerts and MQTT go on.
release-never = Never
seconds-short = { $n } s
minutes-short = { $n } min
mqtt-address = Every price is a topic on { $address }. Scripts, displays and home automation read it with any MQTT client:
mqtt-follows = Subscribing to a topic of its own, such as { $topic }, follows it.
mqtt-open = The broker is open to your network. Prices come from a provider whose terms allow personal look-up only: do not pass them on to others.
mqtt-off = The broker is off: broker.listen is empty in the configuration.
about = About
about-text = Quickstocks { $version }, MIT or Apache-2.0. It began as a prototype of the same name and does what that one hoped for. Charts by TradingView Lightweight Charts™, Apache-2.0.
about-terms = Prices come from the providers above for your own look-up. Yahoo’s terms do not allow automated access without permission, nor redistribution. No price here is advice, and any may be late or wrong.
setting-failed = The setting is not kept

## Settings: the page

set-back = Back to quotes
set-general = General
set-prices = Prices
set-alerts = Alerts
set-broker = MQTT and web page
set-broker-note = Other programs and devices read your prices.
set-restart = Applies after a restart.
set-restart-now = Restart now
# { $by } is a flag, or a variable of the environment.
set-overridden = Set by { $by }; change it there.
set-folder = Data folder
set-folder-open = Open
autostart = Start with the system
autostart-note = Hidden, in the tray.
global-keys = Show and hide from anywhere
global-keys-note = Such as Ctrl+Alt+Q.
global-keys-none = No keys
set-file = Settings file
set-file-note = Yours to edit, too: comments, order and other keys stay.
reset-settings = Reset the settings
reset-settings-note = Everything on this page as it came. Lists and alerts stay.
reset-settings-button = Reset…
reset-settings-ask = Reset the settings?
reset-settings-text = Colours, language, alerts, providers, network and MQTT go back to how they came. Lists, alerts and keys stay. The settings file is kept beside under another name.
reset-settings-yes = Reset the settings
reset-lists = Reset lists and alerts
reset-lists-note = The list of a first start, and no alert.
reset-lists-button = Reset…
reset-lists-ask = Remove every list and alert?
reset-lists-text = The list of a first start takes their place, and the first page asks again what to follow. Settings stay.
reset-lists-yes = Remove them
reset-cache = Clear what was fetched
reset-cache-note = Charts and last prices. They are fetched again.
reset-cache-button = Clear…
reset-cache-ask = Clear charts and last prices?
reset-cache-text = Quickstocks starts again and fetches them anew. Where a provider does not answer, there are none meanwhile.
reset-cache-yes = Clear and restart
density = Rows
density-comfortable = Comfortable
density-compact = Compact
set-interval = Ask for prices every
set-interval-note = While a market is open, where no stream brings them.
set-proxy = Proxy
set-proxy-note = Such as http://proxy:8080 or socks5://proxy:1080.
set-proxy-empty = As the system has it
set-ca = Additional certificates
set-ca-note = A PEM file to trust beside the system’s, such as a company’s.
set-ca-empty = /path/to/certificates.pem
providers-move = Move { $provider }: drag, or arrow keys
providers-placed = { $provider }: { $n } of { $all }
providers-use = Ask { $provider }
health-later = asked after a restart
health-not-asked = not asked
feed-kind-chosen = In your own order.
feed-kind-simulated = Prices are made up, as the configuration says.
feed-kind-replay = A recording is played, as the configuration says.
feed-kind-reset = Back to automatic
set-who = Who may connect
who-nobody = Nobody
who-nobody-note = MQTT is off. Prices and alerts go on.
who-this_computer = This computer
who-this_computer-note = Programs here read prices without a login.
who-my_network = My network, with login
who-my_network-note = Whoever reaches this computer and has the password. Encrypted over TLS only.
set-port = Port
listener-mqtt = MQTT (TCP)
listener-mqtts = MQTT over TLS
listener-ws = MQTT over WebSocket
listener-wss = MQTT over WebSocket and TLS
listener-fingerprint = Fingerprint of the certificate (SHA-256)
listener-file = The certificate, for clients to trust
listener-command = All prices in a terminal, encrypted
broker-elsewhere = The broker at { $url } is used, as the configuration says.
broker-no-network = This computer is on no network now. The address appears when it is.
broker-ask = Open MQTT to your network?
broker-ask-text = Devices in your network can then connect with your user name and password. Without TLS nothing is encrypted, the password included: do so only where you trust everybody. Prices come from providers whose terms allow personal look-up only: do not pass them on.
broker-ask-yes = Open
broker-address = Address
broker-login = Login
broker-login-none = None needed
broker-login-as = { $user }, with its password
broker-password-copy = Copy password
broker-password-failed = Not copied: { $why }. The password stands in the file “token” in the data folder.
broker-qr = Address and user, no password
broker-qr-label = QR code of { $address }
broker-terminal = All prices in a terminal
broker-one = One price as plain text
broker-home = A sensor for Home Assistant, in configuration.yaml
broker-home-note = Its MQTT integration needs the address, port and login above once.
broker-figures = Figures of the broker
broker-count-sessions = Clients connected
broker-count-parked = Sessions kept while away
broker-count-subscriptions = Filters held
broker-count-followed = Topics followed by clients
broker-count-retained = Values kept
broker-count-queued = Messages waiting
broker-count-messages_in = Messages published
broker-count-messages_out = Messages delivered
broker-count-conflated = Replaced by a newer value
broker-count-dropped = Dropped: a reader was too slow
broker-count-refused_publishes = Publishes refused
broker-count-unretained = Not kept: too many topics
broker-count-unfollowed = Not followed: too many
broker-count-router_rebuilds = Router built anew
set-home = Home Assistant
set-home-note = What you follow, and your alerts, appear there by themselves. Applies after a restart.
set-web = Web page
set-web-note = For browsers on this computer. It asks for the token of the data folder.

## Keys

palette = Commands
palette-hint = What is to be done?
palette-none = Nothing is called “{ $text }”.
action-of = { $what }: { $value }
action-retry = Ask for prices now
action-pill = Figure beside the price
shortcut-search = Search
shortcut-row = Row
shortcut-open = Open; in search: follow
shortcut-open-only = Open without following
shortcut-move = Move the row
shortcut-remove = Remove the row
shortcut-note = Name, note and holdings of the row
shortcut-menu = Menu of the row or list
shortcut-alert = New alert
shortcut-alerts = Alert log and all alerts
shortcut-copy = Copy the topic
shortcut-range = Range of the chart
shortcut-crosshair = Crosshair, in the chart
shortcut-list = List
shortcut-move-list = Move the list
shortcut-escape = Close, back, clear

# Names of keys as keyboards bear them.
kbd-ctrl = Ctrl
kbd-shift = Shift
kbd-delete = Delete

## Ticker strip

strip-minutes = { $n } min
strip-live = Live
strip-move = Move the strip
strip-next = { $from }–{ $to } of { $n }: show the next
strip-open = Open Quickstocks
strip-close = Close the strip
strip-empty = Nothing followed yet

## Numbers, times, names

# Behind a number, after a narrow space.
unit-thousand = K
unit-million = M
unit-billion = B
unit-trillion = T
read-as = Read as { $value }.
age-now = just now
age-minutes = { $n } min ago
age-hours = { $n } h ago
kind-equity = Equity
kind-etf = ETF
kind-index = Index
kind-fund = Fund
kind-currency = Currency
kind-crypto = Crypto
kind-future = Future
kind-option = Option
kind-other = Other
provider-ecb = European Central Bank
provider-own = Your own feed
provider-replay = Replay
provider-simulated = Simulated market

# ---- lists, files, holdings

lists-more = All lists
list-menu = List menu
view-failed = The view is not kept
moved = { $symbol } moved to “{ $list }”
move-failed = { $symbol } stays where it is
sort-name = Name
sort-volume = Volume
group-none = None
group-kind = Kind
group-currency = Currency
group-unknown = No price yet
group-of-equity = Equities
group-of-etf = ETFs
group-of-index = Indices
group-of-fund = Funds
group-of-currency = Currencies
group-of-crypto = Crypto
group-of-future = Futures
group-of-option = Options
group-of-other = Other
column-spark = Course of the day
column-price = Price
column-change = Change
column-extended = Extended hours
column-volume = Volume
column-market_cap = Market cap
column-day_range = Day range
column-year_range = 52-week range
column-pe_ratio = P/E ratio
column-dividend_yield = Dividend yield
# The short heads of the columns, 52 to 100 pixels wide.
head-change = Change
head-extended = Extended
head-volume = Volume
head-market_cap = Cap
head-day_range = Day
head-year_range = 52 weeks
head-pe_ratio = P/E
head-dividend_yield = Yield
menu-alert = New alert…
menu-note = Name, note, holdings…
menu-move-to = Move to
menu-add-to = Add to
menu-copy = Copy symbol
menu-remove = Remove
menu-columns = Columns
menu-group = Group by
menu-rename = Rename
menu-left = Move left
menu-right = Move right
menu-import = Import…
menu-export = Export
menu-remove-list = Remove list
export-csv = Table (CSV)
export-json = Everything (JSON)
exported = Saved as { $path }
export-failed = Not exported
import-title = Import
import-choose = Choose a file…
import-other = Another file…
import-drop = Drop a file here, or choose one.
import-kinds = A list of symbols, a portfolio of Yahoo Finance, a table with a column “Symbol”, or an export of Quickstocks.
import-is-plain = list of symbols
import-is-yahoo = portfolio of Yahoo Finance
import-is-csv = table
import-is-json = export of Quickstocks
import-too-large = The file is too large: at most { $size } MB.
import-not-utf8 = This is no text in UTF-8. Save the file as UTF-8 (in Excel: “CSV UTF-8”).
import-symbols =
    { $n ->
        [0] No symbols
        [one] { $n } symbol onto
       *[other] { $n } symbols onto
    }
import-as-named =
    { $n ->
        [one] The list the file names
       *[other] The { $n } lists the file names
    }
import-new-list = A new list…
import-notes =
    { $n ->
        [one] The note of { $n } symbol
       *[other] Notes of { $n } symbols
    }
import-holdings =
    { $n ->
        [one] Holdings of { $n } symbol
       *[other] Holdings of { $n } symbols
    }
import-alerts =
    { $n ->
        [one] { $n } alert
       *[other] { $n } alerts
    }
import-preferences = Settings
import-problems =
    { $n ->
        [one] { $n } line cannot be imported
       *[other] { $n } lines cannot be imported
    }
import-line = Line { $line }
import-more = and { $n } more
import-take =
    { $n ->
        [0] Import
        [one] Import { $n } symbol
       *[other] Import { $n } symbols
    }
import-rest =
    { $n ->
        [0] Import the rest
        [one] Import the rest: { $n } symbol
       *[other] Import the rest: { $n } symbols
    }
imported =
    { $n ->
        [0] Imported
        [one] { $n } symbol imported
       *[other] { $n } symbols imported
    }
fault-symbol = no symbol
fault-quantity = a quantity is a number above 0
fault-cost = a price is a number of 0 or more
fault-ambiguous = can be read in two ways: write it without a mark between thousands
fault-currency = a currency is three letters, such as EUR
fault-date = a date is written 2026-11-25, 20261125 or 25.11.2026
fault-note = too long, or holds control characters
fault-list_name = no name of a list
fault-alert = no alert of this version
fault-preferences = no settings of this version
fault-shape = something else is expected here
fault-json = this is no JSON: nothing of the file can be read
fault-too_many = more than there is room for
backups = Backups
backups-note = Kept before a list is removed, a file is imported, or a backup is restored, and once a day before the first change. The last ten.
backups-none = There are none yet.
backup-lists =
    { $n ->
        [one] { $n } list
       *[other] { $n } lists
    }
backup-symbols =
    { $n ->
        [one] { $n } symbol
       *[other] { $n } symbols
    }
backup-alerts =
    { $n ->
        [one] { $n } alert
       *[other] { $n } alerts
    }
backup-restore = Restore
backup-sure = Replace everything?
backup-restored = Everything is as it was { $when }
backup-damaged = { $name } is damaged and cannot be restored.
note-failed = Not saved
note-title = { $symbol } – name, note, holdings
note-alias = Your name
note-text = Note
note-edit = Name, note, holdings
holdings = Holdings
held = { $quantity } held
lot-quantity = Quantity
lot-cost = Price each
lot-currency = Currency
lot-date = Bought
lot-add = Add a purchase
lot-remove = Remove this purchase
lot-wrong = A quantity is a number above 0, a price a number, a currency three letters.
totals-none = Nothing that is held has a price yet.
totals-gain = Gain over the cost, of what has a known cost
totals-currency = Sum up in
totals-each = each
totals-without =
    { $n ->
        [one] Not all of { $symbols } is in these sums
       *[other] Not all of { $symbols } is in these sums ({ $n })
    }
unvalued-no_price = no price yet
unvalued-no_currency = the currency of its price is not known
unvalued-no_rate = no exchange rate: not in the sum
unvalued-no_cost = cost not known: not in the gain
unvalued-too_large = more than can be told

## Settings: destinations

set-destinations = Destinations
dest-note = Where alerts go beside the notification. Pauses, mutes and quiet hours hold for all of them.
dest-none = Alerts go nowhere else yet.
dest-add = Add destination
dest-title-new = New destination
dest-title = Edit { $name }
dest-kind = Kind
dest-kind-email = E-mail
dest-kind-ntfy = ntfy
dest-kind-telegram = Telegram
dest-kind-slack = Slack
dest-kind-discord = Discord
dest-kind-sms = SMS
dest-kind-webhook = Webhook
dest-kind-web_push = Browser
dest-help-email = A letter for each alert.
dest-help-ntfy = A push message to every phone that subscribes to the topic. On a public server, whoever knows the topic reads it.
dest-help-telegram = Your own bot writes into a chat that it is in.
dest-help-slack = Into the channel of an incoming webhook. Mattermost and others take the same.
dest-help-discord = Into the channel of a webhook.
dest-help-sms = A short message for each alert; the gateway may charge for it.
dest-help-webhook = A POST of JSON to your own program, signed where a secret is set.
dest-help-web_push = The browser itself subscribes, in the settings of the page.
dest-address = Address
dest-url = Address
dest-server = Server
dest-topic = Topic
dest-chat = Chat
dest-number = Phone number
dest-secret-webhook = Signing secret
dest-secret-ntfy = Access token
dest-secret-telegram = Bot token
dest-secret-slack = Webhook address
dest-secret-discord = Webhook address
dest-secret-set = Set. Type to replace it.
dest-secret-optional = Optional
dest-secret-needed = As it was issued
dest-name = Name
dest-no-email = This installation has no mail server yet: [mail] in its configuration file.
dest-no-sms = This installation has no gateway for SMS yet: [sms] in its configuration file.
dest-no-secret = Its secret is not set: edit it.
dest-test = Test
dest-testing = Testing…
dest-delivered = Taken: { $said }
dest-refused = Not taken: { $said }
dest-waiting =
    { $n ->
        [one] 1 waits
       *[other] { $n } wait
    }
dest-edit = Edit { $name }
dest-remove = Remove { $name }
dest-use = Send alerts to { $name }
dest-remove-ask = Remove { $name }?
dest-remove-text = Alerts no longer go there. Its secret is deleted, and so is what waits for it.
dest-digest = Daily digest
dest-gone = a destination that is gone
undelivered = Not delivered
undelivered-retry = Try again
undelivered-more =
    { $n ->
        [one] 1 more
       *[other] { $n } more
    }

## Notifications of a browser while the page is closed

push-title = Notifications in this browser
push-on = Alerts are shown even while this page is closed.
push-off = Shows alerts even while this page is closed.
push-blocked = The browser blocks notifications of this page: allow them in its settings for this site.
push-insecure = Browsers allow this over HTTPS only: set api.tls_cert and api.tls_key, or use a proxy with HTTPS.
push-unsupported = This browser has no Web Push. On an iPhone or iPad, add the page to the home screen first.
push-refused = The browser could not subscribe at its push service. Try again later.
