"""Words that tell little about an event: left out, or weighted down.

Rarity is counted over the candidate stories at hand, and these may be few. The lists say what
those few cannot: which words are common in English, and which in any business news.
"""

STOP_WORDS = frozenset(
    """
    a about above after again against all also am an and any are as at be because been before
    being below between both but by can could did do does doing down during each either else few
    for from further get got had has have having he her here hers him his how i if in into is it
    its itself just like made make many may me might more most much must my no nor not now of off
    on once only or other our ours out over own per same say says said she should since so some
    still such than that the their them then there these they this those though through to too
    under until up upon us very via was we were what when where whether which while who whom whose
    why will with within without would yet you your ain't aren't can't couldn't didn't doesn't
    don't hadn't hasn't haven't isn't it's let's shouldn't that's there's they're wasn't we're
    weren't won't wouldn't mr mrs ms dr st one two
    """.split()
)
"""Never a term."""

COMMON_WORDS = frozenset(
    """
    according add added amid announce announced announcement around back based bearish big billion
    bullish business buy call called case ceo cfo chief close closed co come commented companies
    company corp corporation cut data day days dollar down drop earlier early earning earnings eps
    estimate estimates executive expect expected expects fall falls fell fifth financial firm
    firms first fiscal five forecast four fourth friday full gain gains given giant go going group
    growth guidance half happened high higher hit holding holdings hour hours inc include included
    including incorporated increase investor investors jump jumped keep key know large last late
    later latest least less limited llc long look low lower ltd main major market markets million
    monday month months move moved national near nearly need new news next nyse nasdaq amex otc
    number officer official open outlook part past pay people percent plan planned plans plc point
    points post posted president press price prices profit public quarter quarterly read recent
    record related release report reported reports rest result results revenue rise rises rose run
    sale sales saturday second sector see seen sell set seven several share shareholder
    shareholders shares show showed shows six small spokesperson statement stock stocks sunday
    take taken target tell ten third three thursday time times today told took top total trade
    traded trading trillion tuesday turn update use used value want wednesday week weeks well work
    world worth year years yesterday january february march april june july august september
    october november december
    analyst analysts broker brokers brokerage rating ratings upgrade upgrades upgraded downgrade
    downgrades downgraded outperform underperform overweight underweight equal-weight neutral
    maintain maintains maintained reiterates reiterated kept raised lifted lowers lowered capital
    partners securities street
    """.split()
)
"""Terms of little weight: every second business article has them."""

EVENT_WORDS = frozenset(
    """
    acquisition bid buyout deal dividend earning earnings eps estimate fiscal forecast guidance
    merger offering outlook profit quarter quarterly result revenue takeover
    first-quarter second-quarter third-quarter fourth-quarter q1 q2 q3 q4
    """.split()
)
"""Kinds of news. Every company has them, so they tell little; of one company they tell much."""
