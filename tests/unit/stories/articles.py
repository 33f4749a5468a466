"""Short articles written for these tests, and how they become signatures."""

from datetime import UTC, datetime, timedelta

from newsdesk.contracts.analysis import (
    Analysis,
    AnalyzerInfo,
    ArticleForAnalysis,
    Company,
    Role,
)
from newsdesk.contracts.cleaning import ContentKind
from newsdesk.contracts.stories import StoryCandidate, StorySignature
from newsdesk.stories import Matcher

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

OBERLINE = ("Oberline Freight Inc.", "OBRL")
CASTEVAL = ("Casteval Software Corp.", "CSVL")

CRANE_FLASH = (
    "Oberline Freight Halts Port Cranes After Collapse At Calder Bay",
    "Oberline Freight said it has stopped all gantry cranes at its Calder Bay terminal after one "
    "of them collapsed on Monday.\n\nNobody was hurt. The harbor commission has opened an inquiry "
    "into the collapse, and ships are being sent to other terminals.",
)
CRANE_FOLLOW_UP = (
    "Harbor Commission Orders Crane Checks After Calder Bay Collapse",
    "The harbor commission has ordered checks of every gantry crane after Monday's collapse at "
    "Oberline Freight's Calder Bay terminal.\n\nShips wait outside the bay. The inquiry looks at "
    "welds of the collapsed crane, which was 30 years old.",
)
PRICE_TARGET = (
    "Analyst Raises Oberline Freight Price Target To $44",
    "An analyst at Milden Partners raised the price target on Oberline Freight from $39 to $44 and "
    "kept a Buy rating.\n\nThe analyst points to firmer container rates and lower fuel costs.",
)
LAWSUIT = (
    "Drivers Sue Oberline Freight Over Unpaid Overtime",
    "A group of 1,200 truck drivers has sued Oberline Freight in a federal court, claiming unpaid "
    "overtime.\n\nTheir lawyers ask the judge to admit a class action. The shares fell 1%.",
)
OBERLINE_EARNINGS = (
    "Oberline Freight Q4 Earnings Beat Estimates, Revenue Rises 9%",
    "Oberline Freight reported fourth-quarter earnings of $1.12 per share, which beat the analyst "
    "estimate of $1.01.\n\nRevenue rose 9% to $2.1 billion on container rates. The company expects "
    "first-quarter earnings of 95 cents to $1.05 per share.",
)
OBERLINE_NEXT_EARNINGS = (
    "Oberline Freight Q1 Earnings Miss Estimates, Revenue Falls 3%",
    "Oberline Freight reported first-quarter earnings of 88 cents per share, which missed the "
    "analyst estimate of 97 cents.\n\nRevenue fell 3% to $1.9 billion as storms closed ports. The "
    "company expects second-quarter earnings of 90 cents to $1.00 per share.",
)
OBERLINE_GUIDANCE = (
    "Oberline Freight Shares Drop After Steep Guidance Cut",
    "Oberline Freight cut its full-year outlook on Monday and blamed empty containers.\n\nThe "
    "guidance now stands at $2.10 per share, and managers see no quick recovery on Asian routes.",
)
OBERLINE_DOWNGRADE = (
    "Milden Partners Downgrades Oberline Freight to Underweight, Lowers Price Target to $31",
    "Milden Partners analyst Ada Quist downgrades Oberline Freight from Equal-Weight to "
    "Underweight and lowers the price target from $44 to $31 after the guidance cut.",
)
CASTEVAL_EARNINGS = (
    "Casteval Software Q4 Earnings Beat Estimates, Revenue Rises 14%",
    "Casteval Software reported fourth-quarter earnings of 71 cents per share, which beat the "
    "analyst estimate of 64 cents.\n\nRevenue rose 14% to $640 million on cloud subscriptions. The "
    "company expects first-quarter earnings of 66 cents to 70 cents per share.",
)


def signature(
    article: tuple[str, str],
    *companies: tuple[str, str],
    hours: float = 0,
    role: Role = Role.SUBJECT,
) -> StorySignature:
    """Returns the signature of (title, body), published `hours` after noon."""
    title, body = article
    given = ArticleForAnalysis(
        article_id=1,
        title=title,
        text=f"{title}\n\n{body}",
        content=ContentKind.FULL,
        language="en",
    )
    named = tuple(Company(name=name, ticker=ticker, role=role) for name, ticker in companies)
    analyzer = AnalyzerInfo(name="test", version="1")
    analysis = Analysis(categories=(), gist="", summary="", companies=named, analyzer=analyzer)
    return Matcher().signature(given, analysis, NOON + timedelta(hours=hours))


def story(story_id: int, *signatures: StorySignature) -> StoryCandidate:
    """Returns a candidate titled after its id."""
    return StoryCandidate(story_id=story_id, title=f"Story {story_id}", signatures=signatures)
