"""
Reads the latest prices once with yfinance, from a stand-in: `yfinance_once.py <stand-in> <symbols>`.

The library's own code asks Yahoo's addresses; only the session's `request` below it is wrapped: https becomes http, and Yahoo's
hosts are resolved to the stand-in, so that cookies belong to them as they do in life. `download` is what its documentation
gives for many symbols: it asks for charts, symbol by symbol, in threads.
"""

import json
import os
import sys
import time
import warnings
from urllib.parse import urlsplit

warnings.simplefilter("ignore")

import yfinance
from curl_cffi import CurlOpt
from curl_cffi.requests import Session

STAND_IN, COUNT = urlsplit(sys.argv[1]), int(sys.argv[2])
HOSTS = ["fc.yahoo.com", "guce.yahoo.com", "query1.finance.yahoo.com", "query2.finance.yahoo.com"]
RESOLVED = {CurlOpt.RESOLVE: [f"{host}:{STAND_IN.port}:{STAND_IN.hostname}" for host in HOSTS]}
wire = Session.request


def request(self, method, url, *args, **more):
    asked = urlsplit(url)
    query = f"?{asked.query}" if asked.query else ""
    here = f"http://{asked.hostname}:{STAND_IN.port}{asked.path or '/'}{query}"
    self.curl_options = RESOLVED
    return wire(self, method, here, *args, **more)


def main():
    Session.request = request
    symbols = [f"S{n:05}" for n in range(COUNT)]
    # Kept between runs, as in life: it holds each symbol's time zone and the cookie.
    yfinance.set_tz_cache_location(os.path.join(sys.prefix, "cache"))
    closes = yfinance.download(symbols, period="1d", progress=False)["Close"].iloc[-1]
    prices = int((closes > 0).sum())
    print(json.dumps({"version": yfinance.__version__, "prices": prices, "cpu": time.process_time()}))


main()
