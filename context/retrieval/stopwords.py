"""English words that say nothing, or little, about what a question is after. Data, and knows nothing else."""

__all__ = ["ACTION_WORDS", "STOP_WORDS", "WEAK_WORDS"]

_STOP = """
a about after again all also although am an and any anybody anyone anything are aren as at be because been before being
below between both but by can cannot could couldn did didn do does doesn doing don done down during each either else etc
ever every for from further get gets getting give gives given go goes going got had has hasn have haven having he her
here hers him his how however i if in instead into is isn it its itself just kind let like ll look made make makes
making may me might mine more most much must my need needs no nor not now of off often on once one only or other others
our out over own part per place places please put rather re really s same say says see shall she should show shows so
some somebody someone something somewhere still such t take takes tell tells than that the their them then there these
they thing things this those through to together too toward towards under until up upon us using ve very via was wasn
way we well were what whatever when where whether which while who whole whom whose why will with within without won
would wouldn you your yours
"""

_WEAK = """
affected apply applied applies belong belongs call called calls change changed changes changing class classes code come
comes contain contains control controls decide decided decides defined define defines definition describe describes
described explain explained explains file files find found function functions handle handled handles handling happen
happens implement implementation implemented implements involved keep keeps kept logic main method methods mean means
module modules option perform performed project provide provided provides purpose repository responsible run runs
section set sets source start support supported turn turned turns use used user uses value values work works

able according across actual actually against ahead allow allows along already always another anywhere appear appears
around available back became become becomes behave behaves besides brought certain chosen consists currently even
everywhere exactly far given good happened inside known lets lies many meant mention mentioned mentions moment never
nobody otherwise outside person people possible possibly present regardless right said seen several simply since stands
sure taken together took unless various want wanted wants way ways wherever written yet
"""

_ACTIONS = """
build builds built calculate calculated calculates calculation check checked checks compute computed computes create
created creates determine determined determines execute executed generate generated generates process processed
processes processing render rendered rendering renders return returned returns store stored stores
"""

STOP_WORDS = frozenset(_STOP.split())
"""Never looked for, unless a question has no other words."""

WEAK_WORDS = frozenset(_WEAK.split())
"""Words that a question is built from as often as they are its subject: they count a little."""

ACTION_WORDS = frozenset(_ACTIONS.split())
"""What is done to any subject in any repository: that they stand somewhere says nothing of the subject."""
