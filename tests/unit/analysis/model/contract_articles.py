"""Articles on which every analyzer has to keep the contract, by what is special about them."""

from newsdesk.contracts.articles import Stock
from newsdesk.contracts.cleaning import TickerAnchor
from tests.unit.analysis.articles import article

BANK = "Mizuho Securities"
LONG_CHARS = 205_000
"""More than the builtin analyzer looks at, and many times what the model is given."""

_ANCHORED = "Shares of Quorvane Optics Inc (NASDAQ:QVNO) rose 7% on Friday. It won a contract."
_AT = len("Lens Maker Wins Contract\n\n") + _ANCHORED.index("QVNO")

ARTICLES = {
    "plain": article(
        "Tidewater Terminals Lifts Dividend",
        "Tidewater Terminals, Inc. (NYSE: TDWX) raised its dividend by a tenth on Wednesday. The"
        " board’s plan — its first in years — won praise.",
        "Volumes at U.S. ports climbed 12.5%, its chief said.",
        stocks=(Stock(ticker="TDWX", exchange="NYSE", name="Tidewater Terminals, Inc."),),
        channels=("Dividends",),
    ),
    "headline only": article(
        "Cisco Beats Estimates And Raises Guidance",
        teaser="Cisco Systems (NASDAQ: CSCO) did well in its last quarter.",
        stocks=("CSCO",),
    ),
    "tagged only": article(
        "Ministry Puts Off Sanctions",
        "The ministry has put off new sanctions. It gave no date.",
        stocks=("CSCO", Stock(ticker="$btc"), Stock(ticker="brk/b")),
    ),
    "commentator": article(
        f"Intel Downgraded By {BANK}",
        f"{BANK} downgraded Intel Corp (NASDAQ: INTC) to Sell, citing weak demand."
        f" {BANK} expects sales to fall.",
        stocks=("INTC",),
    ),
    "two companies": article(
        "Intel Raises Forecast While Rival Slumps",
        "Intel Corp (NASDAQ: INTC) raised its forecast on strong demand.",
        "Rival Advanced Micro Devices (NASDAQ: AMD) fell 4% after it warned on profit.",
        stocks=("INTC", "AMD"),
    ),
    "automated alert": article(
        "10 Stocks With Whale Alerts Today",
        "Symbol\tPUT/CALL\tSentiment\nCSCO\tCALL\tBULLISH\nINTC\tPUT\tBEARISH",
        "Regarding Cisco Systems (NASDAQ: CSCO), we observe a call option sweep with bullish"
        " sentiment.",
        stocks=("CSCO", "INTC"),
        channels=("Options",),
    ),
    "german": article(
        "Seetor hebt die Dividende an",
        "Die Seetor Hafen AG (NYSE: SEET) hebt ihre Dividende um ein Zehntel an. Die Aktie fiel.",
        stocks=("SEET", "CSCO"),
        language="de",
    ),
    "no stocks": article(
        "Chips In Short Supply",
        "Buyers of chips wait for Nvidia to ship. Quellmark Foods (NYSE: QMRK) cut its forecast.",
    ),
    "nobody": article("A Walk In The Woods", "It rained, and nobody minded.", stocks=()),
    "anchored": article(
        "Lens Maker Wins Contract",
        _ANCHORED,
        stocks=("QVNO",),
        anchors=(TickerAnchor(ticker="QVNO", exchange="NASDAQ", start=_AT, end=_AT + 4),),
    ),
    "odd marks": article(
        "Macy’s «Quiet» Year",
        "Macy’s, Inc. (NYSE:\u00a0M) cut its forecast – “a hard\u202fyear,” it said.",
        stocks=("M",),
    ),
    "very long": article(
        "Cisco Rises As Intel Falls",
        *["Cisco Systems (NASDAQ: CSCO) rose 3% while Intel (NASDAQ: INTC) fell again."] * 20,
        *["Nothing else was told of that day, and nobody asked for more. " * 10] * 332,
        stocks=("CSCO", "INTC"),
    ),
}
