# Deutsch. Ohne Anrede; kurz, genau, ohne Ausrufezeichen.

## Everywhere

close = Schließen
cancel = Abbrechen
save = Speichern
remove = Entfernen
undo = Rückgängig
open = Öffnen
retry = Neu versuchen
copied = Kopiert
copy-topic = Topic kopieren
copy-command = Befehl kopieren
copy-fingerprint = Fingerabdruck kopieren
copy-address = Adresse kopieren
settings = Einstellungen
lists = Listen
keys = Tasten
part-missing = Dieser Teil wurde nicht geladen

## The start, and the login of the web page

start-waiting = Quickstocks antwortet noch nicht.
login-why = Diese Seite braucht das Token des Benutzers. Es steht in der Datei { $file } im Datenordner.
login-token = Token
login-button = Anmelden
server-silent = Der Server antwortet nicht.
server-answered = Der Server hat mit { $status } geantwortet.

## First page

first-title = Werte für den Anfang
first-text = Die Kurse kommen sofort. Alles lässt sich später ändern.
first-found = Gefunden
first-us = US-Aktien
first-world = Europa und Asien
first-indices = Indizes
first-others = Währungen, Krypto, Metalle
first-euro = Euro / Dollar
first-gold = Gold
first-check = Datenquelle
first-received = { $n } von { $all } Kursen erhalten
first-received-note = Jeder mit Zeit und Quelle
first-moves = Große Bewegungen melden
first-moves-note = ±3 % am Tag, je Richtung einmal täglich. Ein Schalter in den Einstellungen.
first-picked = { $n } gewählt
first-empty = Mit leerer Liste beginnen
first-follow = { $n } verfolgen

## Search

search-label = Symbol oder Name suchen
search-results = Suchergebnisse
search-following = Auf der Liste
search-follow = Verfolgen
search-hint-choose = wählen
search-hint-follow = verfolgen
search-hint-open = nur öffnen
search-hint-close = schließen
search-count = { $n } Treffer
search-failed = Die Suche ist gerade nicht möglich.
search-none = Kein Treffer für „{ $text }“.
search-none-hint = Gesucht werden kann nach Name, Kürzel oder Kürzel mit Börse, etwa VOD.L.

## Lists

list-main = Hauptliste
list-tab = { $name } – F2 benennt um, Entf entfernt
list-name = Name der Liste
list-new = Neue Liste
list-empty = „{ $name }“ ist noch leer.
list-empty-hint = { $key } drücken und einen Namen eingeben, oder hiermit beginnen:
sort-by = Sortieren nach
sort-manual = Manuell
sort-symbol = Symbol
sort-change = Änderung %
sort-price = Kurs
sort-cap = Börsenwert
sort-reverse = Umgekehrt
follow-failed = { $symbol } wird nicht verfolgt
unfollow-failed = { $symbol } wird weiter verfolgt
unfollowed = { $symbol } entfernt
order-failed = Die Reihenfolge wurde nicht gespeichert
list-add-failed = Die Liste wurde nicht angelegt
list-rename-failed = Die Liste behält ihren Namen
list-remove-failed = Die Liste bleibt
list-removed = Liste „{ $name }“ entfernt

## Rows: what stands below a price, short

row-live = Live
row-delayed = Verzögert
row-pre = Vorb.
row-post = Nachb.
row-closed = Schluss { $when }
row-stale = Veraltet { $when }
row-rate = Referenzkurs { $day }
row-halted = Kein Handel seit { $when }
row-gone = Nicht mehr gehandelt
row-gone-last = zuletzt { $day }
row-unknown = Unbekanntes Symbol
halted-why = Ausgesetzt oder kaum gehandelt
mark-simulated = SIMULIERT
mark-replay = AUFZEICHNUNG
spoken-up = plus { $percent } Prozent
spoken-down = minus { $percent } Prozent
spoken-unchanged = unverändert
spoken-simulated = simuliert
spoken-replay = Aufzeichnung
spoken-stale = veraltet
spoken-halted = zuletzt kein Handel
spoken-delisted = nicht mehr gehandelt

## The foot: how the feed is

feed-live = Live
feed-closed = Börsen geschlossen
feed-next-open = öffnen { $when }
feed-connecting = Verbindung wird aufgebaut
feed-slow = Langsam
feed-refused = Abgewiesen
feed-offline = Offline
feed-real-time = Echtzeit
feed-delayed = { $minutes } min verzögert
feed-up-to = bis zu { $minutes } min verzögert
feed-retrying = neuer Versuch läuft
feed-retry-in = neuer Versuch in { $wait }
feed-last-prices = letzte Kurse { $when }
feed-names = { $name } und { $n } weitere
feed-down = { $name } ausgefallen
feed-down-since = { $reason }, seit { $when }
feed-slow-too = { $name } ist langsam
feed-key-title = { $name }: Schlüssel abgelehnt
feed-prices-from = Kurse von { $names }
feed-chosen = erfundene Kurse, wie gewählt
feed-no-live = noch kein echter Kurs
feed-name-refused = { $name } weist ab
feed-none-since = Keine Kurse seit { $when }
feed-some-stale = { $n ->
    [one] { $n } Kurs veraltet seit { $when }
   *[other] { $n } Kurse veraltet seit { $when }
}
feed-stale-since = Veraltet seit { $when }

## Banners

banner-retry = Jetzt versuchen
banner-providers = Anbieter
banner-understood = Verstanden
banner-key-title = { $name } hat den Schlüssel nicht angenommen.
banner-key-button = Schlüssel ersetzen
banner-consent-title = { $name } fragt nach seinen Cookies.
banner-consent-text = Bis zur Entscheidung kommen die Kurse auf dem langsameren Weg und ohne alle Angaben. In der Konfiguration consent in { $section } auf „reject“ oder „accept“ setzen, dann Quickstocks neu starten.
banner-slow-title = { $name } ist langsam.
banner-slow-text = Kurse kommen seltener.
banner-slow-next = Nächster Versuch { $time }.
banner-offline-title = Die Verbindung zu Quickstocks ist unterbrochen.
banner-offline-text = Die Kurse kommen von selbst wieder. Listen und Alarme bleiben erhalten.
banner-simulated-title = SIMULIERTE KURSE
banner-simulated-chosen = Diese Zahlen sind erfunden: Der simulierte Markt wurde gewählt.
banner-simulated-text = Diese Zahlen sind erfunden: Noch hat kein Anbieter geantwortet. Echte Kurse ersetzen sie alle.
banner-replay-text = Aufgezeichnete Kurse vom { $day }.
banner-refused-title = Dieses Netz sperrt { $name }.
banner-refused-text = Listen und Alarme bleiben erhalten; die Kurse kommen von selbst wieder.
banner-stopped-title = Seit { $when } kommen keine Kurse.
banner-some-stopped-title = { $n ->
    [one] { $n } Kurs steht seit { $when }.
   *[other] { $n } Kurse stehen seit { $when }.
}
banner-silent = { $name } antwortet nicht.
banner-retrying = Ein neuer Versuch läuft.
banner-retry-in = Neuer Versuch in { $wait }.
banner-others = Die übrigen laufen weiter.
banner-port-title = Port { $port } ist von einem anderen Programm belegt.
banner-port-text = MQTT-Clients verbinden sich, sobald er frei ist.
banner-port-use = { $port } nehmen
port-used = MQTT-Clients erreichen Quickstocks bis zum Beenden auf Port { $port }

## Instrument

nothing-title = Nichts ausgewählt.
nothing-hint = { $key } drücken und einen Namen eingeben.
follow = Verfolgen
following = Auf der Liste
add-alert = Alarm setzen
more = Mehr
menu-pin = Kurs neben dem Symbol im Infobereich
price-last = Letzter Kurs
price-last-at = Letzter Kurs, { $when }
price-close-at = Schlusskurs, { $when }
price-rate-of = Kurs vom { $day }
session-pre = Vorbörslich
session-regular = Geöffnet
session-post = Nachbörslich
session-overnight = Nachthandel
session-closed = Geschlossen
state-stale = Veraltet
not-market-price = kein Marktpreis
not-price-of-now = aufgezeichnet, kein Kurs von jetzt
reference-rate = Referenzkurs
# When regular trading begins or ends: in 3 h, or at a time.
hours-opens-in = öffnet in { $wait }
hours-opens-at = öffnet { $when }
hours-closes-in = schließt in { $wait }
hours-closes-at = schließt { $when }
quoted-in = notiert in { $unit }
mqtt-topic = MQTT-Topic
unknown-title = { $symbol } ist unbekannt.
unknown-text = Kein Anbieter hat einen Kurs dafür. Vielleicht ist es anders geschrieben, oder es fehlt die Börse, wie bei VOD.L.
unknown-remove = Von der Liste entfernen
waiting-first = Der erste Kurs steht noch aus.

## Chart

chart = Chart
chart-range = Zeitraum
chart-style = Darstellung
chart-line = Linie
chart-candles = Kerzen
chart-compare = Vergleichen
chart-compare-with = Vergleichen mit
chart-compare-remove = Nicht mehr mit { $symbol } vergleichen
chart-compare-none = Keine Kurse von { $symbol } in dieser Zeit
# How far back prices reach.
chart-since = Kurse seit { $day }
range-short-1d = 1T
range-short-5d = 5T
range-short-1mo = 1M
range-short-6mo = 6M
range-short-ytd = YTD
range-short-1y = 1J
range-short-5y = 5J
range-short-max = MAX
range-1d = heute
range-5d = 5 Tage
range-1mo = 1 Monat
range-6mo = 6 Monate
range-ytd = dieses Jahr
range-1y = 1 Jahr
range-5y = 5 Jahre
range-max = alle Jahre
chart-of = Chart von { $symbol }
chart-sentence = { $symbol }, { $range }: von { $first } auf { $last }, { $move }.
chart-kept = Chart von { $when } · { $provider } antwortet nicht
chart-none = Keine Kurse für { $range }.
# Behind chart-none: which there are.
chart-none-but = Von { $symbol } gibt es Kurse vom { $from } bis zum { $to }.
chart-previous-close = Schlusskurs Vortag
chart-extended = Vor- und nachbörslich
chart-as-table = Als Tabelle zeigen
tip-price = Kurs
tip-since-close = Seit Vortag
tip-since-start = Seit Beginn
tip-volume = Volumen
table-time = Zeit
table-open = Eröffnung
table-high = Hoch
table-low = Tief
table-close = Schluss
table-volume = Volumen

## Figures

figures = Kennzahlen
figure-open = Eröffnung
figure-previous-close = Schlusskurs Vortag
figure-volume = Volumen
# Beside the volume.
figure-average = Ø { $volume }
figure-average-volume = Übliches Volumen eines Tages
figure-cap = Börsenwert
figure-pe = KGV (12 Monate)
figure-yield = Dividendenrendite
figure-day-range = Tagesspanne
figure-year-range = 52 Wochen
figure-year-range-short = 52 Wochen
not-reported = Von { $provider } nicht gemeldet

## Presets

presets = Vorschläge
preset-technology = Technologie
preset-technology-note = USA und Europa
preset-picks = Meistverfolgt
preset-picks-note = hier
preset-lists = Listen des Marktes
preset-markets = Märkte
preset-trending = Im Trend
preset-most-active = Aktiv
preset-gainers = Gewinner
preset-losers = Verlierer
preset-none = { $provider } liefert gerade keine Liste.

## Alerts

alerts = Alarme
alert-add = Neu
alert-edit = Diesen Alarm bearbeiten
alert-above = über { $price }
alert-below = unter { $price }
alert-move-within = ±{ $percent } in { $minutes } min
alert-year-high = 52-Wochen-Hoch
alert-year-low = 52-Wochen-Tief
alert-volume-spike = Volumen { $times } × üblich
alert-day-move = ±{ $percent } heute
alert-default-title = Für alles, was verfolgt wird. Einstellungen
alert-armed = Alarm gesetzt
alert-fired = ausgelöst { $when }
alert-disarmed = aus
alert-waiting = wieder in { $wait }
alert-stale = ruht, solange veraltet
alert-off = aus, solange simuliert
alert-paused = pausiert bis { $time }
alert-quiet = Ruhezeit bis { $time }
alert-away = noch { $distance } ({ $percent })
alert-now = jetzt { $percent }
alert-times-now = jetzt { $times } × üblich
alert-no-usual = übliches Volumen unbekannt
alert-no-year = 52 Wochen unbekannt
alert-remove-failed = Der Alarm bleibt
alert-removed = Alarm entfernt
alert-back-failed = Der Alarm wurde nicht wiederhergestellt
alert-arm-failed = Der Alarm ist nicht umgeschaltet
alerts-muted = Alarme stumm
alerts-of = Alarme von { $symbol }
mute-on = An
mute-today = Heute stumm
mute-ever = Stumm bis auf Weiteres
muted = stumm
muted-today = heute stumm
mute-failed = Alarme von { $symbol } sind wie zuvor
mute-symbol-today = { $symbol } heute stummschalten
unmute-symbol = Alarme von { $symbol } wieder melden
show = Zeigen
alerts-fired-more =
    { $n ->
        [one] Ein weiterer Alarm
       *[other] { $n } weitere Alarme
    } · { $symbols }

## The alert log, and all alerts

alerts-unread = Alarme, { $n } ungelesen
alerts-log = Protokoll ({ $n })
alerts-all = Alle Alarme ({ $n })
log-clear = Protokoll leeren
log-clear-ask = Alles hier vergessen? Die Alarme bleiben.
log-failed = Das Protokoll ist wie zuvor
log-empty = Noch nichts ausgelöst
log-empty-text = Was auslöst, steht hier, auch wenn das Fenster zu war.
log-open = { $symbol } öffnen
log-new = Neu
log-price-of = Kurs von { $at }
silent-paused = nicht gemeldet: pausiert
silent-muted = nicht gemeldet: stumm
silent-quiet_hours = nicht gemeldet: Ruhezeit
day-today = Heute, { $day }
day-yesterday = Gestern, { $day }
digest-of = Größte Bewegungen am { $day }
digest-up = Am meisten gestiegen
digest-down = Am meisten gefallen
all-order = Ordnung
all-order-distance = Nächste zuerst
all-order-symbol = Symbol
all-empty = Keine Alarme
all-empty-text = Eine Meldung, sobald ein Kurs einen Wert erreicht oder sich um Prozente bewegt.
all-add = Alarm für { $symbol } setzen
alert-switch = Scharf: { $alert }
alert-remove = Alarm entfernen: { $alert }

## Alert editor

alert-title-new = Neuer Alarm für { $symbol }
alert-title = Alarm für { $symbol }
alert-when = Wenn
alert-kind-above = Kurs steigt über
alert-kind-below = Kurs fällt unter
alert-kind-day_move = Tagesänderung ab ± %
alert-kind-move_within = Änderung in N min ab ± %
alert-kind-year_high = Neues 52-Wochen-Hoch
alert-kind-year_low = Neues 52-Wochen-Tief
alert-kind-volume_spike = Volumen ab N × üblich
alert-value = Wert
alert-by = Um
alert-within = in
alert-min = min
alert-minutes = Minuten
alert-times-usual = × üblich
alert-value-wrong = Eine Zahl über 0, etwa { $example }.
alert-minutes-wrong = Ganze Minuten, 1 bis 1440.
alert-preview-day = Heute bisher { $percent }.
alert-preview-above = { $distance } über dem Kurs ({ $percent }).
alert-preview-below = { $distance } unter dem Kurs ({ $percent }).
alert-preview-within = Vom Kurs jetzt aus sind das { $up } oder { $down }.
alert-preview-year_high = { $distance } unter dem 52-Wochen-Hoch von { $price } ({ $percent }).
alert-preview-year_low = { $distance } über dem 52-Wochen-Tief von { $price } ({ $percent }).
alert-preview-volume = Jetzt { $times } × üblich ({ $volume } von { $usual }).
alert-never-volume = { $provider } nennt kein übliches Volumen von { $symbol }: dieser Alarm bleibt still.
alert-never-year = { $provider } nennt keine 52-Wochen-Spanne von { $symbol }: dieser Alarm bleibt still.
alert-true-volume = Trifft schon zu. Ausgelöst wird am nächsten Tag, der so viel bringt.
alert-true-year_high = Jetzt am 52-Wochen-Hoch. Ausgelöst wird bei einem neuen an einem anderen Tag.
alert-true-year_low = Jetzt am 52-Wochen-Tief. Ausgelöst wird bei einem neuen an einem anderen Tag.
alert-true-day = Trifft schon zu. Ausgelöst wird, sobald die Änderung einmal kleiner war.
alert-true-above = Trifft schon zu. Ausgelöst wird, sobald der Kurs einmal unter { $price } lag.
alert-true-below = Trifft schon zu. Ausgelöst wird, sobald der Kurs einmal über { $price } lag.
alert-never-there = Seit einem Jahr nicht erreicht.
alert-there-today = Zuletzt heute erreicht.
alert-there-on = Zuletzt am { $day } erreicht.
alert-target = { $price } Ziel
alert-price-now = { $price } jetzt
alert-repeat = Wiederholen
alert-once = Einmal
alert-every-time = Jedes Mal
alert-once-note = Bleibt nach dem Auslösen in der Liste, ist aber nicht mehr scharf.
alert-every-time-note = Bei jedem Überschreiten, sobald der Kurs etwas zurückgegangen war.
alert-move-note = Bei jeder solchen Änderung, sobald sie zwischendurch kleiner war.
alert-daily-note = Höchstens einmal am Tag.
alert-wait = Mindestens
alert-wait-between = zwischen zwei Meldungen
wait-none = keine Pause
wait-minutes = { $n } min
wait-hours =
    { $n ->
        [one] 1 Stunde
       *[other] { $n } Stunden
    }
wait-days =
    { $n ->
        [one] 1 Tag
       *[other] { $n } Tage
    }
alert-hours = Zeiten
alert-extended = Auch vor- und nachbörslich
alert-discard-ask = Änderungen verwerfen?
alert-keep-editing = Weiter bearbeiten
alert-discard = Verwerfen
alert-told = Meldung
alert-told-desktop = Auf dem Desktop
alert-told-page = Auf dieser Seite
alert-delete = Alarm löschen
alert-arms-again = Speichern macht scharf.

## Settings: providers

providers-note = Gefragt wird von oben nach unten. Der erste, der ein Symbol kennt, liefert es.
providers-none = Noch wurde kein Anbieter gefragt.
health-up = Läuft
health-degraded = Gestört
health-down = Ausgefallen
health-off = Aus
health-since = Seit { $when }
health-since-short = seit { $when }
health-not-needed = gerade nicht nötig
health-next = nächster Versuch in { $wait }
health-trying = Versuch läuft
purpose-coinbase = Krypto, Echtzeit
purpose-binance = Krypto, Echtzeit
purpose-yahoo = Aktien, Fonds, Devisen, Krypto
purpose-finnhub = US-Aktien, Echtzeit
purpose-ecb = Währungen, einmal täglich
purpose-replay = Eine Aufzeichnung
purpose-simulated = Erfundene Kurse
key-none-needed = Kein Schlüssel nötig
key-label = Schlüssel für { $provider }
key-paste = Schlüssel einfügen
key-paste-new = Neuer Schlüssel
key-replace = Ersetzen
key-set = Setzen
key-unknown = Schlüssel unbekannt
key-in-keychain = Schlüssel im Schlüsselbund
key-in-environment = Schlüssel aus der Umgebung
key-in-file = Schlüssel aus secrets.toml
keys-note-desktop = Schlüssel kommen in den Schlüsselbund dieses Systems. Sie lassen sich ersetzen und entfernen, aber nie anzeigen.
keys-note-web = Schlüssel kommen in den Schlüsselbund des Systems, auf dem Quickstocks läuft. Sie lassen sich ersetzen und entfernen, aber nie anzeigen.

## Settings: the rest

appearance = Darstellung
language = Sprache
language-note = Gilt auch für Zahlen und Daten.
language-system = System
theme = Design
theme-system = System
theme-light = Hell
theme-dark = Dunkel
colours = Farben
colours-note = Dazu stets Pfeil und Vorzeichen.
palette-western = Grün steigt, Rot fällt
palette-eastasian = Rot steigt, Grün fällt
palette-cvd = Blau steigt, Orange fällt
moves = Große Bewegungen melden
moves-note = Alles Verfolgte, das sich am Tag um 3 % bewegt, je Richtung einmal täglich.
quiet = Ruhezeit
quiet-note = Was dann auslöst, steht nur im Protokoll und bleibt still.
quiet-from = Ruhe ab
quiet-to = Ruhe bis
digest = Tageszusammenfassung
digest-note = Die größten Bewegungen der verfolgten Werte in einer Mitteilung.
digest-at = Zeit der Zusammenfassung
unmute = Wieder melden
delivery = Mitteilungen
delivery-note = Das System zeigt sie.
delivery-by = { $service } zeigt sie.
delivery-last = Zuletzt angenommen: { $when }.
delivery-test = Probe senden
pause = Alle Alarme pausieren
pause-note = Für eine Stunde. Danach geht es von selbst weiter.
pause-until = Bis { $time } wird nichts gemeldet.
pause-resume = Fortsetzen
pause-start = 1 Stunde pausieren
tray = Infobereich
tray-price = Angehefteter Kurs
tray-price-note = Oder in dessen Tooltip, wo der Desktop keinen Text zeigt.
tray-first = Erster der Liste
tray-text = Neben dem Symbol im Infobereich
tray-text-pinned = Ein Kurs
tray-text-rotate = Reihum
tray-text-off = Nichts
tray-none = Diese Oberfläche zeigt kein Infobereich-Symbol: Schließen beendet Quickstocks.
tray-seconds = Jeder für
tray-seconds-note = Geschlossene Märkte bleiben weg.
tray-pinned-note = Steht neben dem Symbol und zuerst im Menü.
strip-setting = Kursband
strip-setting-note = Ein kleines Fenster mit den Kursen, über allen anderen.
release = Speicher des Fensters freigeben
release-note = Wenn es so lange im Infobereich war. Alarme und MQTT laufen weiter.
release-never = Nie
seconds-short = { $n } s
minutes-short = { $n } min
mqtt-address = Jeder Kurs ist ein Topic auf { $address }. Skripte, Displays und die Hausautomation lesen ihn mit jedem MQTT-Client:
mqtt-follows = Wer ein einzelnes Topic abonniert, etwa { $topic }, verfolgt damit das Symbol.
mqtt-open = Der Broker ist im Netzwerk erreichbar. Die Kurse stammen von einem Anbieter, der nur den persönlichen Abruf erlaubt: Sie dürfen nicht an andere weitergegeben werden.
mqtt-off = Der Broker ist aus: broker.listen ist in der Konfiguration leer.
about = Über Quickstocks
about-text = Quickstocks { $version }, MIT oder Apache-2.0. Es begann als gleichnamiger Prototyp und leistet, was jener sich vorgenommen hatte. Charts von TradingView Lightweight Charts™, Apache-2.0.
about-terms = Die Kurse kommen von den oben genannten Anbietern zum eigenen Gebrauch. Die Bedingungen von Yahoo erlauben weder automatischen Abruf ohne Genehmigung noch die Weitergabe. Kein Kurs hier ist eine Empfehlung, und jeder kann verspätet oder falsch sein.
setting-failed = Die Einstellung wurde nicht gespeichert

## Settings: the page

set-back = Zurück zu den Kursen
set-general = Allgemein
set-prices = Kurse
set-alerts = Alarme
set-broker = MQTT und Webseite
set-broker-note = Andere Programme und Geräte lesen die Kurse.
set-restart = Gilt nach einem Neustart.
set-restart-now = Jetzt neu starten
set-overridden = Festgelegt durch { $by }; dort zu ändern.
set-folder = Datenordner
set-folder-open = Öffnen
autostart = Mit dem System starten
autostart-note = Verborgen, im Infobereich.
global-keys = Überall ein- und ausblenden
global-keys-note = Etwa Strg+Alt+Q, geschrieben Ctrl+Alt+Q.
global-keys-none = Keine Tasten
set-file = Einstellungsdatei
set-file-note = Auch von Hand zu ändern: Kommentare, Reihenfolge und andere Schlüssel bleiben.
reset-settings = Einstellungen zurücksetzen
reset-settings-note = Alles auf dieser Seite wie am Anfang. Listen und Alarme bleiben.
reset-settings-button = Zurücksetzen …
reset-settings-ask = Einstellungen zurücksetzen?
reset-settings-text = Farben, Sprache, Meldungen, Anbieter, Netzwerk und MQTT werden wie am Anfang. Listen, Alarme und Schlüssel bleiben. Die Einstellungsdatei bleibt daneben unter anderem Namen erhalten.
reset-settings-yes = Zurücksetzen
reset-lists = Listen und Alarme zurücksetzen
reset-lists-note = Die Liste des ersten Starts, und kein Alarm.
reset-lists-button = Zurücksetzen …
reset-lists-ask = Alle Listen und Alarme entfernen?
reset-lists-text = Die Liste des ersten Starts tritt an ihre Stelle, und die erste Seite fragt wieder, was zu verfolgen ist. Die Einstellungen bleiben.
reset-lists-yes = Alle entfernen
reset-cache = Abgerufenes löschen
reset-cache-note = Charts und letzte Kurse. Sie werden neu abgerufen.
reset-cache-button = Löschen …
reset-cache-ask = Charts und letzte Kurse löschen?
reset-cache-text = Quickstocks startet neu und ruft sie wieder ab. Wo ein Anbieter nicht antwortet, fehlen sie bis dahin.
reset-cache-yes = Löschen und neu starten
density = Zeilen
density-comfortable = Bequem
density-compact = Kompakt
set-interval = Kurse abrufen alle
set-interval-note = Solange ein Markt offen ist und kein Datenstrom sie bringt.
set-proxy = Proxy
set-proxy-note = Etwa http://proxy:8080 oder socks5://proxy:1080.
set-proxy-empty = Wie im System
set-ca = Weitere Zertifikate
set-ca-note = Eine PEM-Datei, der neben denen des Systems vertraut wird, etwa die der Firma.
set-ca-empty = /Pfad/zu/zertifikaten.pem
providers-move = { $provider } verschieben: ziehen oder Pfeiltasten
providers-placed = { $provider }: { $n } von { $all }
providers-use = { $provider } abfragen
health-later = nach einem Neustart
health-not-asked = nicht abgefragt
feed-kind-chosen = In eigener Reihenfolge.
feed-kind-simulated = Die Kurse sind erfunden, wie in der Konfiguration festgelegt.
feed-kind-replay = Eine Aufzeichnung läuft, wie in der Konfiguration festgelegt.
feed-kind-reset = Wieder automatisch
set-who = Wer sich verbinden darf
who-nobody = Niemand
who-nobody-note = MQTT ist aus. Kurse und Alarme gehen weiter.
who-this_computer = Dieser Rechner
who-this_computer-note = Programme hier lesen Kurse ohne Anmeldung.
who-my_network = Netzwerk, mit Anmeldung
who-my_network-note = Wer diesen Rechner erreicht und das Passwort hat. Verschlüsselt nur über TLS.
set-port = Port
listener-mqtt = MQTT (TCP)
listener-mqtts = MQTT über TLS
listener-ws = MQTT über WebSocket
listener-wss = MQTT über WebSocket und TLS
listener-fingerprint = Fingerabdruck des Zertifikats (SHA-256)
listener-file = Das Zertifikat, dem Clients vertrauen sollen
listener-command = Alle Kurse im Terminal, verschlüsselt
broker-elsewhere = Der Broker auf { $url } wird benutzt, wie in der Konfiguration festgelegt.
broker-no-network = Dieser Rechner ist gerade in keinem Netzwerk. Danach steht hier die Adresse.
broker-ask = MQTT für das Netzwerk öffnen?
broker-ask-text = Geräte im Netzwerk können sich dann mit Benutzername und Passwort verbinden. Ohne TLS ist nichts verschlüsselt, auch das Passwort nicht: nur dort, wo allen zu trauen ist. Die Kurse stammen von Anbietern, die nur den persönlichen Abruf erlauben: Sie dürfen nicht an andere weitergegeben werden.
broker-ask-yes = Öffnen
broker-address = Adresse
broker-login = Anmeldung
broker-login-none = Nicht nötig
broker-login-as = { $user }, mit dessen Passwort
broker-password-copy = Passwort kopieren
broker-password-failed = Nicht kopiert: { $why }. Das Passwort steht in der Datei „token“ im Datenordner.
broker-qr = Adresse und Benutzer, kein Passwort
broker-qr-label = QR-Code von { $address }
broker-terminal = Alle Kurse im Terminal
broker-one = Ein Kurs als Text
broker-home = Ein Sensor für Home Assistant, in configuration.yaml
broker-home-note = Dessen MQTT-Integration braucht einmal Adresse, Port und Anmeldung von oben.
broker-figures = Zahlen des Brokers
broker-count-sessions = Verbundene Clients
broker-count-parked = Für Abwesende gehaltene Sitzungen
broker-count-subscriptions = Abonnierte Filter
broker-count-followed = Von Clients verfolgte Topics
broker-count-retained = Gespeicherte Werte
broker-count-queued = Wartende Nachrichten
broker-count-messages_in = Veröffentlichte Nachrichten
broker-count-messages_out = Zugestellte Nachrichten
broker-count-conflated = Durch neueren Wert ersetzt
broker-count-dropped = Verworfen: Leser zu langsam
broker-count-refused_publishes = Abgelehnte Veröffentlichungen
broker-count-unretained = Nicht gespeichert: zu viele Topics
broker-count-unfollowed = Nicht verfolgt: zu viele
broker-count-router_rebuilds = Router neu aufgebaut
set-home = Home Assistant
set-home-note = Was verfolgt wird, und die eigenen Alarme erscheinen dort von selbst. Gilt nach einem Neustart.
set-web = Webseite
set-web-note = Für Browser auf diesem Rechner. Sie fragt nach dem Token aus dem Datenordner.

## Keys

palette = Befehle
palette-hint = Was soll geschehen?
palette-none = Nichts heißt „{ $text }“.
action-of = { $what }: { $value }
action-retry = Jetzt nach Kursen fragen
action-pill = Zahl neben dem Kurs
shortcut-search = Suchen
shortcut-row = Zeile
shortcut-open = Öffnen; in der Suche: verfolgen
shortcut-open-only = Öffnen, ohne zu verfolgen
shortcut-move = Zeile verschieben
shortcut-remove = Zeile entfernen
shortcut-note = Name, Notiz und Bestand der Zeile
shortcut-menu = Menü der Zeile oder Liste
shortcut-alert = Neuer Alarm
shortcut-alerts = Protokoll und alle Alarme
shortcut-copy = Topic kopieren
shortcut-range = Zeitraum des Charts
shortcut-crosshair = Fadenkreuz im Chart
shortcut-list = Liste
shortcut-move-list = Liste verschieben
shortcut-escape = Schließen, zurück, leeren

# Names of keys as keyboards bear them.
kbd-ctrl = Strg
kbd-shift = Umschalt
kbd-delete = Entf

## Ticker strip

strip-minutes = { $n } min
strip-live = Live
strip-move = Kursband verschieben
strip-next = { $from }–{ $to } von { $n }: die nächsten zeigen
strip-open = Quickstocks öffnen
strip-close = Kursband schließen
strip-empty = Noch nichts verfolgt

## Numbers, times, names

unit-thousand = Tsd.
unit-million = Mio.
unit-billion = Mrd.
unit-trillion = Bio.
read-as = Gelesen als { $value }.
age-now = gerade eben
age-minutes = vor { $n } min
age-hours = vor { $n } h
kind-equity = Aktie
kind-etf = ETF
kind-index = Index
kind-fund = Fonds
kind-currency = Währung
kind-crypto = Krypto
kind-future = Future
kind-option = Option
kind-other = Sonstiges
provider-ecb = Europäische Zentralbank
provider-own = Eigene Quelle
provider-replay = Aufzeichnung
provider-simulated = Simulierter Markt

# ---- Listen, Dateien, Bestand

lists-more = Alle Listen
list-menu = Listenmenü
view-failed = Die Ansicht wurde nicht gespeichert
moved = { $symbol } nach „{ $list }“ verschoben
move-failed = { $symbol } bleibt, wo es ist
sort-name = Name
sort-volume = Volumen
group-none = Ohne Gruppen
group-kind = Art
group-currency = Währung
group-unknown = Noch kein Kurs
group-of-equity = Aktien
group-of-etf = ETFs
group-of-index = Indizes
group-of-fund = Fonds
group-of-currency = Währungen
group-of-crypto = Kryptowährungen
group-of-future = Futures
group-of-option = Optionen
group-of-other = Sonstiges
column-spark = Tagesverlauf
column-price = Kurs
column-change = Änderung
column-extended = Vor- und nachbörslich
column-volume = Volumen
column-market_cap = Börsenwert
column-day_range = Tagesspanne
column-year_range = 52-Wochen-Spanne
column-pe_ratio = KGV
column-dividend_yield = Dividendenrendite
head-change = Änderung
head-extended = Vor-/Nachb.
head-volume = Volumen
head-market_cap = Wert
head-day_range = Tag
head-year_range = 52 Wochen
head-pe_ratio = KGV
head-dividend_yield = Rendite
menu-alert = Neuer Alarm …
menu-note = Name, Notiz, Bestand …
menu-move-to = Verschieben nach
menu-add-to = Hinzufügen zu
menu-copy = Symbol kopieren
menu-remove = Entfernen
menu-columns = Spalten
menu-group = Gruppieren nach
menu-rename = Umbenennen
menu-left = Nach links
menu-right = Nach rechts
menu-import = Importieren …
menu-export = Exportieren
menu-remove-list = Liste entfernen
export-csv = Tabelle (CSV)
export-json = Alles (JSON)
exported = Gespeichert als { $path }
export-failed = Nicht exportiert
import-title = Importieren
import-choose = Datei wählen …
import-other = Andere Datei …
import-drop = Datei hierher ziehen oder wählen.
import-kinds = Eine Liste von Symbolen, ein Portfolio von Yahoo Finance, eine Tabelle mit einer Spalte „Symbol“ oder ein Export von Quickstocks.
import-is-plain = Liste von Symbolen
import-is-yahoo = Portfolio von Yahoo Finance
import-is-csv = Tabelle
import-is-json = Export von Quickstocks
import-too-large = Die Datei ist zu groß: höchstens { $size } MB.
import-not-utf8 = Das ist kein Text in UTF-8. Die Datei als UTF-8 speichern (in Excel: „CSV UTF-8“).
import-symbols =
    { $n ->
        [0] Keine Symbole
        [one] { $n } Symbol auf
       *[other] { $n } Symbole auf
    }
import-as-named =
    { $n ->
        [one] Die Liste aus der Datei
       *[other] Die { $n } Listen aus der Datei
    }
import-new-list = Eine neue Liste …
import-notes =
    { $n ->
        [one] Notiz zu { $n } Symbol
       *[other] Notizen zu { $n } Symbolen
    }
import-holdings =
    { $n ->
        [one] Bestand von { $n } Symbol
       *[other] Bestand von { $n } Symbolen
    }
import-alerts =
    { $n ->
        [one] { $n } Alarm
       *[other] { $n } Alarme
    }
import-preferences = Einstellungen
import-problems =
    { $n ->
        [one] { $n } Zeile kann nicht importiert werden
       *[other] { $n } Zeilen können nicht importiert werden
    }
import-line = Zeile { $line }
import-more = und { $n } weitere
import-take =
    { $n ->
        [0] Importieren
        [one] { $n } Symbol importieren
       *[other] { $n } Symbole importieren
    }
import-rest =
    { $n ->
        [0] Den Rest importieren
        [one] Den Rest importieren: { $n } Symbol
       *[other] Den Rest importieren: { $n } Symbole
    }
imported =
    { $n ->
        [0] Importiert
        [one] { $n } Symbol importiert
       *[other] { $n } Symbole importiert
    }
fault-symbol = kein Symbol
fault-quantity = eine Stückzahl ist eine Zahl über 0
fault-cost = ein Preis ist eine Zahl ab 0
fault-ambiguous = auf zwei Arten lesbar: ohne Trennzeichen zwischen Tausendern schreiben
fault-currency = eine Währung hat drei Buchstaben, etwa EUR
fault-date = ein Datum sieht so aus: 2026-11-25 oder 25.11.2026
fault-note = zu lang oder mit Steuerzeichen
fault-list_name = kein Name einer Liste
fault-alert = kein Alarm dieser Version
fault-preferences = keine Einstellungen dieser Version
fault-shape = hier gehört etwas anderes hin
fault-json = das ist kein JSON: von der Datei ist nichts lesbar
fault-too_many = mehr als Platz ist
backups = Sicherungen
backups-note = Entstehen, bevor eine Liste entfernt, eine Datei importiert oder eine Sicherung zurückgeholt wird, und einmal am Tag vor der ersten Änderung. Die letzten zehn.
backups-none = Noch keine.
backup-lists =
    { $n ->
        [one] { $n } Liste
       *[other] { $n } Listen
    }
backup-symbols =
    { $n ->
        [one] { $n } Symbol
       *[other] { $n } Symbole
    }
backup-alerts =
    { $n ->
        [one] { $n } Alarm
       *[other] { $n } Alarme
    }
backup-restore = Zurückholen
backup-sure = Alles ersetzen?
backup-restored = Alles ist wie { $when }
backup-damaged = { $name } ist beschädigt und kann nicht zurückgeholt werden.
note-failed = Nicht gespeichert
note-title = { $symbol } – Name, Notiz, Bestand
note-alias = Eigener Name
note-text = Notiz
note-edit = Name, Notiz, Bestand
holdings = Bestand
held = { $quantity } Stück
lot-quantity = Stück
lot-cost = Preis je Stück
lot-currency = Währung
lot-date = Gekauft
lot-add = Kauf hinzufügen
lot-remove = Diesen Kauf entfernen
lot-wrong = Eine Stückzahl ist eine Zahl über 0, ein Preis eine Zahl, eine Währung drei Buchstaben.
totals-none = Noch kein Bestand hat einen Kurs.
totals-gain = Gewinn gegenüber den Kosten, soweit sie bekannt sind
totals-currency = Summe in
totals-each = je Währung
totals-without =
    { $n ->
        [one] { $symbols } ist nicht ganz in diesen Summen
       *[other] { $symbols } sind nicht ganz in diesen Summen ({ $n })
    }
unvalued-no_price = noch kein Kurs
unvalued-no_currency = die Währung des Kurses ist nicht bekannt
unvalued-no_rate = kein Wechselkurs: nicht in der Summe
unvalued-no_cost = Kosten nicht bekannt: nicht im Gewinn
unvalued-too_large = mehr als darstellbar

## Settings: destinations

set-destinations = Ziele
dest-note = Wohin Alarme außer als Mitteilung gehen. Pausen, Stummschaltungen und Ruhezeiten gelten für alle.
dest-none = Noch gehen Alarme nirgendwo sonst hin.
dest-add = Ziel hinzufügen
dest-title-new = Neues Ziel
dest-title = { $name } bearbeiten
dest-kind = Art
dest-kind-email = E-Mail
dest-kind-ntfy = ntfy
dest-kind-telegram = Telegram
dest-kind-slack = Slack
dest-kind-discord = Discord
dest-kind-sms = SMS
dest-kind-webhook = Webhook
dest-kind-web_push = Browser
dest-help-email = Eine Nachricht je Alarm.
dest-help-ntfy = Eine Push-Nachricht an jedes Telefon, das das Thema abonniert. Auf einem öffentlichen Server liest mit, wer das Thema kennt.
dest-help-telegram = Ein eigener Bot schreibt in einen Chat, in dem er ist.
dest-help-slack = In den Kanal eines eingehenden Webhooks. Mattermost und andere nehmen dasselbe.
dest-help-discord = In den Kanal eines Webhooks.
dest-help-sms = Eine Kurznachricht je Alarm; der Anbieter kann sie berechnen.
dest-help-webhook = Ein POST mit JSON an ein eigenes Programm, signiert, wenn ein Schlüssel gesetzt ist.
dest-help-web_push = Der Browser meldet sich selbst an, in den Einstellungen der Seite.
dest-address = Adresse
dest-url = Adresse
dest-server = Server
dest-topic = Thema
dest-chat = Chat
dest-number = Telefonnummer
dest-secret-webhook = Signaturschlüssel
dest-secret-ntfy = Zugangstoken
dest-secret-telegram = Bot-Token
dest-secret-slack = Webhook-Adresse
dest-secret-discord = Webhook-Adresse
dest-secret-set = Gesetzt. Zum Ersetzen eintippen.
dest-secret-optional = Optional
dest-secret-needed = So, wie ausgegeben
dest-name = Name
dest-no-email = Diese Installation hat noch keinen Mailserver: [mail] in ihrer Konfigurationsdatei.
dest-no-sms = Diese Installation hat noch keinen SMS-Anbieter: [sms] in ihrer Konfigurationsdatei.
dest-no-secret = Das Geheimnis fehlt: bitte bearbeiten.
dest-test = Testen
dest-testing = Test läuft…
dest-delivered = Angenommen: { $said }
dest-refused = Nicht angenommen: { $said }
dest-waiting =
    { $n ->
        [one] 1 wartet
       *[other] { $n } warten
    }
dest-edit = { $name } bearbeiten
dest-remove = { $name } entfernen
dest-use = Alarme an { $name } senden
dest-remove-ask = { $name } entfernen?
dest-remove-text = Dorthin gehen keine Alarme mehr. Das Geheimnis wird gelöscht und auch, was noch wartet.
dest-digest = Tagesübersicht
dest-gone = ein Ziel, das es nicht mehr gibt
undelivered = Nicht zugestellt
undelivered-retry = Nochmal versuchen
undelivered-more =
    { $n ->
        [one] 1 weitere
       *[other] { $n } weitere
    }

## Mitteilungen eines Browsers, während die Seite geschlossen ist

push-title = Mitteilungen in diesem Browser
push-on = Alarme werden gezeigt, auch wenn diese Seite geschlossen ist.
push-off = Zeigt Alarme, auch wenn diese Seite geschlossen ist.
push-blocked = Der Browser blockiert Mitteilungen dieser Seite; in seinen Einstellungen für diese Website lassen sie sich erlauben.
push-insecure = Browser erlauben das nur über HTTPS: mit api.tls_cert und api.tls_key oder einem Proxy mit HTTPS.
push-unsupported = Dieser Browser kennt kein Web Push. Auf iPhone und iPad zuerst die Seite zum Home-Bildschirm hinzufügen.
push-refused = Der Browser konnte sich bei seinem Push-Dienst nicht anmelden. Später nochmal versuchen.
