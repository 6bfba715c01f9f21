# Deutsch. Was das Programm außerhalb seines Fensters sagt.

## Mitteilungen

alert-title = { $name } { $rule }
alert-name = { $alias } ({ $symbol })
alert-above = über { $price }
alert-below = unter { $price }
alert-day-move = { $percent } heute
alert-move-within = { $percent } in { $minutes } min
alert-year-high = 52-Wochen-Hoch
alert-year-low = 52-Wochen-Tief
alert-volume-spike = Volumen { $times } × üblich
alert-price = { $price }, heute { $percent }
alert-set-at = Gesetzt bei { $price }
alert-moved = Bewegung { $percent }
alert-delayed = { $time }, { $minutes } min verzögert
alerts-many =
    { $n ->
       *[other] { $count } Alarme
    }
digest-title = Größte Bewegungen heute
test-notification = So kommen Mitteilungen an.
button-open = Öffnen
button-mute = Heute stumm
button-delete = Alarm löschen

## Vor einem Kurs, der nicht von jetzt ist

mark-simulated = SIMULIERT
mark-replay = AUFZEICHNUNG
tray-simulated = SIM
tray-replay = AUFZEICHNUNG

## Infobereich

feed-simulated = SIMULIERTE Kurse
feed-replay = AUFZEICHNUNG früherer Kurse
feed-connecting = Verbindung wird aufgebaut
feed-stale = Veraltet seit { $time } · { $name }
feed-slow = Langsam · { $name }
feed-closed = Börsen geschlossen · { $name }
feed-live = Live · { $name }
feed-delayed = Live · { $name } · { $minutes } min
provider-ecb = Europäische Zentralbank
tray-open = Quickstocks öffnen
tray-strip = Kursband
tray-pause = Alarme 1 Stunde pausieren
tray-resume = Alarme pausiert bis { $time }: fortsetzen
tray-settings = Einstellungen…
tray-quit = Quickstocks beenden

## Titel von Fenstern und Dialogen

strip-title = Quickstocks-Kursband
window-failing = Quickstocks – dieses Fenster fällt immer wieder aus: schließen und neu öffnen
dialog-open = Datei öffnen
dialog-save = Datei speichern
