"""The one table of everything a scenario can say: name, kind, unit, default, bounds and help, each once."""

from typing import Final

from planner.scenario import fields
from planner.scenario.calibrated import CALIBRATED
from planner.scenario.cpu import CPU, MACHINE, load
from planner.scenario.experience import EXPERIENCE
from planner.scenario.fields import INHERIT, NONE, Choice, Named, Number, Text, decided, limit, section, share
from planner.scenario.spending import SPENDING

LESS_EACH: Final = "less_each"
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

OVERLAY: Final = {
    "title": "What this scenario is, in one line",
    "base": "The scenario file this one changes, relative to this file",
    "changes": "Dotted path: whole new entry; none removes a named one",
    "expect": "Path of plan.json: a value, a..b, or x ± y",
}
"""All that a file with `base:` may have."""

MEDIA: Final[dict[str, fields.Field]] = {
    "camera": Number("Bit rate of one camera stream", "Mbit/s", "0.2 Mbit/s", most=1e4),
    "many_cameras": Choice(
        "What each camera of a large meeting sends",
        {
            LESS_EACH: "less from 8 cameras in a meeting on, which is BigBlueButton's own default",
            "same_each": "always the same",
        },
        LESS_EACH,
    ),
    "audio": Number("Bit rate of the sound that one user is sent", "Mbit/s", "0.04 Mbit/s", most=1e4),
    "screenshare": Number("Bit rate of a shared screen, for each user it is sent to", "Mbit/s", "1 Mbit/s", most=1e4),
}

RESERVE: Final[dict[str, fields.Field]] = {
    "rooms": Number("Rooms kept free", "room", "0", "count"),
    "users": Number("Users kept free", "user", "0", "count"),
    "streams": Number("Outgoing streams kept free", "stream", "0", "count"),
    "egress": Number("Bit rate kept free", "Mbit/s", "0 Mbit/s"),
    "load": load("Load kept free, in the unit of the node's limit", "0 %"),
}

SIMULATION: Final = section(
    "What the closed form cannot hold; all off. Where any is on, the servers' limits are judged by simulation",
    fixed_weekly=share("Share of the meetings in a weekly series: the same slot, a size of its own", "0 %"),
    surge=Number(
        "Factor on the meetings of each week's surge day; the answers are for such weeks", "", "1", above=True, most=100
    ),
    surge_day=Choice("The surge day", DAYS, "wednesday"),
    late=share("Share of viewers who come late: a meeting grows while it runs", "0 %"),
    late_by=Number("The meeting's age when the late ones have come", "h", "15 min", above=True, most=24),
)

CORES: Final = "CPU cores or vCPUs: what usage.cpu and the node's own cpu leave out then follows from them"
NODE: Final = fields.nameable(
    "A server, or several that act as one",
    cores=decided(CORES, "core", NONE, least=1, most=512),
    limits=section(
        "What the node can bear; left out = no limit",
        rooms=limit("Meetings at once", "room", least=1),
        users=limit("Users at once", "user", least=1),
        streams=limit("Camera streams at once, coming in and going out", "stream", least=1),
        egress=Number("Bit rate going out", "Mbit/s", NONE, least=0.001, most=1e6, none=True),
        load=load("Load: % of the CPU (linear) or the balancer's number (scalelite)", NONE, least=0.001),
    ),
    reserve=section("Kept free for the co-op's own calls and trials", **RESERVE),
    load_model=Choice(
        "How the node's load is reckoned",
        {"linear": "from rooms, users and streams", "scalelite": "as Scalelite counts it"},
        "linear",
    ),
    cpu=section("The node's own weights of the linear load; left out = usage.cpu", **fields.inherited(CPU | MACHINE)),
    scalelite=section(
        "Scalelite's load: users and moderators, a young meeting counted as a full one",
        least=Number("Load of a young meeting at least", "load", "15", ranged=False, most=1e4),
        until=Number("A meeting is young until this age", "h", "15 min", ranged=False),
        multiplier=Number("The balancer's weight of this node", "", "1", above=True, ranged=False),
    ),
)

LEVEL: Final = fields.nameable(
    "A membership level",
    price=Number("Fee of one account; the same in every month", "{money}/month", ranged=False, most=1e8),
    participants=limit("Users in one meeting at most", "user", least=2, most=1000, ranged=False),
    rooms=limit("Meetings of one account at once at most", "room", least=1, ranged=False),
    duration=Number("A meeting is ended after this time", "h", NONE, above=True, none=True, ranged=False),
)

MEETING: Final[dict[str, fields.Field]] = {
    "duration": Number(
        "Mean length of a meeting, before the level's limit", "h", ("54 min", "45 min", "70 min"), above=True, most=8766
    ),
    "duration_cv": Number("Standard deviation over mean of the length; 0 = all alike", "", "0.7", most=10),
    "size": Number(
        "Mean number of users in a meeting, before the level's limit", "user", ("6 users", "4", "9"), least=2, most=1000
    ),
    "size_dispersion": Number(
        "Dispersion of the size: k of a negative binomial; none = Poisson", "", "1.5", above=True, none=True
    ),
    "cameras": share("Share of the users who send their camera", ("50 %", "25 %", "70 %")),
    "page_size": decided("Cameras a viewer sees at once; 1000 = all", "camera", "5", least=1, most=1000),
    "page_size_large": Text(
        "The same in large meetings, and for moderators (else all): BigBlueButton's paginationThresholds",
        INHERIT,
        "pages",
    ),
    "moderators": Number(
        "Moderators in a meeting, seeing all cameras; Scalelite counts them twice", "moderator", "1", "count", most=1000
    ),
    "screenshare": share("Share of the meetings with a shared screen", "0 %"),
    "recorded": share("Share of the meetings that are recorded", "0 %"),
    "profile": fields.Profile("When in the week meetings start", "office"),
    "starts": fields.Starts("Where in the hour meetings start", {"on_the_hour": "55 %", "half_past": "25 %"}),
}

ACCOUNT: Final[dict[str, fields.Field]] = {
    "meetings": Number("Meetings of one account in an average week", "meeting/week", ("2/week", "1", "4"), most=1e4),
    **MEETING,
    "spread": Number(
        "How accounts differ: standard deviation over mean of meetings; 0 = all alike", "", ("1", "0.5", "1.5"), most=10
    ),
    "season": Number("The busiest month over an average one", "", ("1.1", "1.0", "1.3"), above=True, most=100),
    "shift": Number(
        "Their clock less the scenario's: -5 h for Toronto from London", "h", "0 h", least=-24, most=24, ranged=False
    ),
}

DIFFER: Final = "How days differ beyond the week's profile: standard deviation over mean of a factor all accounts share"
EVERYONE: Final = {**ACCOUNT, "day_spread": Number(DIFFER, "% or ", ("15 %", "5 %", "30 %"), "share", most=1.0)}

KINDS: Final = Named(
    "Several kinds of meeting; what a kind leaves out is as for all meetings of the account",
    "kind",
    section(
        "One kind of meeting",
        share=share("Share of the account's meetings; all kinds together 100 %", None, ranged=False),
        **fields.inherited(MEETING),
    ),
)

USAGE: Final = Named(
    "What one account does: everyone first, then by level what differs there",
    "level",
    section("What differs for accounts of this level", **fields.inherited(ACCOUNT), kinds=KINDS),
    fixed={
        "everyone": section("What one account does where its level says nothing else", **EVERYONE, kinds=KINDS),
        "cpu": section("Weights of the linear load", **CPU, **MACHINE),
        "media": section("Bit rates, for the limit on egress", **MEDIA),
    },
    refers="levels",
)

NETWORK: Final = fields.nameable(
    "A mutual-credit network and how its members behave",
    unit=Text("What the network's unit is called", "credit", "unit"),
    worth=Number("What a unit is worth in money", "{any}/{credit}", "1 {money}/{credit}", least=1e-3, most=1e6),
    who=Text("Who may join and pay this way", ""),
    accounts=decided(
        "Accounts offered in this network; in the offer's own, offer.accounts says it", "account", "0", most=1e6
    ),
    mix=fields.Shares("Levels offered in this network; left out = as the offer", "levels", INHERIT),
    reachable=Number("Businesses that can be reached", "business", ("100 businesses", "30", "300"), "count"),
    take_up=share("Share of them that would join", ("3 %", "2 %", "5 %")),
    sign_ups=Number(
        "Accounts that join in a month, on average", "account/month", ("1 account/month", "0.5", "2"), most=500
    ),
    churn=fields.chance("Chance that an account leaves in a month", ("4 %/month", "3 %/month", "7 %/month")),
    late=share("Share of the invoices that are paid a month late", ("40 %", "20 %", "50 %")),
    unpaid=share("Share of the fees due that is never paid", ("1 %", "0 %", "5 %")),
    payer_limit=Number("How far a member may go into debit", "{credit}", NONE, none=True),
    largest_balance=Number(
        "The co-op's largest balance; a payment that would go above is refused whole", "{credit}", NONE, none=True
    ),
    fee=share("What the network keeps of each receipt", "0 %"),
    closes=fields.chance("Chance that the network closes", ("5 %/year", "1 %/year", "15 %/year")),
    statement=Text("How the statement of the network is to be read, for planner review", INHERIT, "columns"),
)

LABOUR: Final = section(
    "Volunteer work that each account costs",
    setup=Number("To set one account up", "h/account", ("30 min/account", "15 min/account", "60 min/account")),
    batch=Number(
        "To send a month's invoices in one batch, however many there are",
        "h/month",
        ("15 min/month", "10 min/month", "30 min/month"),
    ),
    invoicing=Number(
        "To check one account's invoice in the batch and book its payment",
        "h/account/month",
        ("3 min/account/month", "2 min/account/month", "6 min/account/month"),
    ),
    support=Number(
        "To help members", "h/account/month", ("10 min/account/month", "5 min/account/month", "30 min/account/month")
    ),
    collecting=Number("To chase one late invoice", "h/invoice", "10 min/invoice"),
    available=Number("Hours that volunteers pledge: a pledge has no range", "h/month", "4 h/month"),
    stops=decided("The month in which the volunteer stops", "month", NONE, least=1, most=1200),
)

CASH: Final = section(
    "The money side, beside the credit and never summed with it",
    vat=share("Tax in money on credit income, on the net price; none = not registered", NONE, ranged=False),
    exchange=Named(
        "What one unit of another currency costs",
        "currency",
        Number("What a unit of this currency costs", "{money} or {money}/{key}", least=1e-6, most=1e6, minor=False),
        key="currencies",
        currencies=True,
    ),
    next_node=Number("Cost of one more server", "{any}/month", "0 {money}/month"),
    accounts_per_node=Number(
        "Accounts per further server; none = what admission allows", "account", NONE, "count", least=1, none=True
    ),
    per_account=Number(
        "Hard money that each new account costs", "{any}/month or {any}/account/month", "0 {money}/month"
    ),
    set_aside=Number("Money the co-op set aside for the new accounts", "{any}/month", "0 {money}/month"),
    displaced=share("Share of the new accounts that would have paid money", ("5 %", "0 %", "20 %")),
    convert=share("Share of the credit payers that go on in money at the way out", ("30 %", "10 %", "60 %")),
    wind_down=decided("The month in which the co-op leaves the network", "month", NONE, least=1, most=1200),
)

REVIEW: Final = section(
    "The checkpoint: after so many months or at so many accounts, whichever is first",
    after=decided("Months until the review", "month", "6 months", least=1, most=1200),
    at=decided("Accounts admitted", "account", NONE, least=1),
    hours_bought=Number("Go on only if so many hours were bought", "h", NONE, none=True, ranged=False),
    months_since_purchase=decided("Go on only if the last purchase is not older", "month", NONE),
    idle_share=share("Go on only if no more of the credit received lies unspent", NONE, ranged=False),
    episodes=decided("Go on only if there were no more overloads", "overload", NONE),
    volunteer_hours=Number("Go on only if volunteers gave no more", "h/month", NONE, none=True, ranged=False),
    pause_above=share("Sales pause while more of the credit received lies unspent", NONE, ranged=False),
)

DECISION: Final = fields.Section(
    "What people decided, which the gate keeps to in place of the number of accounts",
    {
        "accounts": Number("Accounts that may come, of those on offer", "account", family="count", ranged=False),
        "on": Text("The day on which it was decided", form="day"),
        "by": Text("Who decided, and where it can be read", form="line"),
        "because": Text("Why, in the words of the meeting", "", form="line"),
        "plan": Text("The digits of the plan that the meeting saw", "", form="digits"),
    },
    optional=True,
)

ROOT: Final = section(
    "A scenario",
    title=Text("What this scenario is, in one line"),
    currency=Text("The money that prices are in", "GBP", "currency"),
    timezone=Text("The clock of the weekly profile", "Europe/London", "timezone"),
    start=Text("The first month", form="month"),
    horizon=decided("How far the plan looks", "month", "36 months", least=1, most=180),
    seed=Text("Seed of all random draws", "1", "whole"),
    nodes=Named("The servers", "node", NODE, key="nodes", least=1),
    levels=Named("The membership levels", "level", LEVEL, key="levels", least=1),
    placement=section(
        "Which node accounts land on",
        rule=Choice(
            "How a meeting gets its node",
            {"fixed": "where the shares say", "pool": "a balancer picks the emptiest node"},
            "fixed",
        ),
        members=fields.Shares("Where the accounts already there are", "nodes", "evenly"),
        offer=fields.Shares("Where new accounts go", "nodes", "evenly"),
        nodes_down=decided("Judge with so many nodes of the pool out of work", "node", "0"),
        view_age=Number("Age of the load that the balancer sees", "h", "0 s", ranged=False, most=24),
    ),
    members=section(
        "Who is there already: counted in a sheet, or said here",
        sheet=fields.Table(
            "The members' sheet, in place of accounts, in_credit and mix: who is there when the first month begins",
            "account, level, pays; accounts, since, until if there",
        ),
        accounts=Number("Accounts there already that pay in money", "account", "0", "count", most=1e6),
        in_credit=Number(
            "Accounts there already that pay in credit: load on the servers like the others; their fees are "
            "not counted again, and the offer is of further ones",
            "account",
            "0",
            "count",
            most=1e6,
        ),
        mix=fields.Shares("The levels of both; left out = as the offer", "levels", INHERIT),
        growth=Number("Accounts that come and pay in money, per month", "account/month", "0 accounts/month", most=1e4),
    ),
    usage=USAGE,
    simulation=SIMULATION,
    networks=Named("Mutual-credit networks", "network", NETWORK, key="networks", least=1),
    offer=section(
        "The question: may these accounts come?",
        network=Choice("The network they pay in; left out = the first", default=INHERIT, of="networks"),
        accounts=decided("Accounts that are offered", "account", None, most=1e6),
        mix=fields.Shares("Which levels may be bought, and in what shares", "levels"),
        cap=decided("The pilot's cap; none = no such policy", "account", NONE),
        review=REVIEW,
    ),
    objective=section(
        "The overload that is accepted, for each limit of each node",
        measure=Choice(
            "What is counted",
            {
                "episodes": "overloads",
                "minutes": "minutes of overload",
                "any_in_week": "the chance of any overload in a week",
                "busiest_instant": "the chance of overload at the week's busiest instant",
            },
            "episodes",
        ),
        at_most=Number(
            "Accepted: 1/year, 5 min/month, or 1 %", "overload/month or min/month or %", "1/year", ranged=False
        ),
        confidence=share("In so many cases of what we do not know", "90 %", ranged=False, least=0.01),
        confidence_reversible=share(
            "The same for what can be put right next month: labour, balance, spendability, cash",
            "75 %",
            ranged=False,
            least=0.01,
        ),
    ),
    spending=SPENDING,
    labour=LABOUR,
    cash=CASH,
    experience=EXPERIENCE,
    calibrated=CALIBRATED,
    decision=DECISION,
)
"""Every entry of a scenario. Sections that other entries refer to stand before those."""
