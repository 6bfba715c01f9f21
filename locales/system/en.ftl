# English. What the program says outside of its window: notifications, the tray, titles of windows and dialogs.
# Each language is one file here too, named by its BCP 47 tag, with these ids and the same { $variables }.
# Numbers come written in the language, moves with their sign and “%”. $n is a number, to choose a plural by.

## Notifications

# { $name } is what moved, { $rule } one of the texts below.
alert-title = { $name } { $rule }
# { $alias } is the reader's own name for { $symbol }.
alert-name = { $alias } ({ $symbol })
alert-above = above { $price }
alert-below = below { $price }
alert-day-move = { $percent } today
alert-move-within = { $percent } in { $minutes } min
alert-year-high = 52-week high
alert-year-low = 52-week low
alert-volume-spike = volume { $times } × the usual
alert-price = { $price }, { $percent } today
alert-set-at = Set at { $price }
alert-moved = Moved { $percent }
alert-delayed = { $time }, delayed { $minutes } min
# At least two.
alerts-many =
    { $n ->
       *[other] { $count } alerts
    }
digest-title = Biggest movers today
test-notification = Notifications arrive like this one.
button-open = Open
button-mute = Mute today
button-delete = Delete alert

## Before a price that is not of now: in notifications, and short in the tray

mark-simulated = SIMULATED
mark-replay = REPLAY
tray-simulated = SIM
tray-replay = REPLAY

## Tray

feed-simulated = SIMULATED prices
feed-replay = REPLAY of recorded prices
feed-connecting = Connecting
feed-stale = Stale since { $time } · { $name }
feed-slow = Slow · { $name }
feed-closed = Markets closed · { $name }
feed-live = Live · { $name }
feed-delayed = Live · { $name } · { $minutes } min
provider-ecb = European Central Bank
tray-open = Open Quickstocks
tray-strip = Ticker strip
tray-pause = Pause alerts for 1 hour
tray-resume = Alerts paused until { $time }: resume
tray-settings = Settings…
tray-quit = Quit Quickstocks

## Titles of windows and dialogs

strip-title = Quickstocks strip
window-failing = Quickstocks – this window keeps failing: close it and open it again
dialog-open = Open File
dialog-save = Save File
