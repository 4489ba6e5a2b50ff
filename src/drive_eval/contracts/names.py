"""The commonest forenames and surnames in England and Wales, as the identifier gate knows them.

Typed by hand from general knowledge of the commonest names among adults of all communities; not taken from a register
and not complete. A name that is not here is found by its title, its initial or its shape. Lower case, without accents.
"""

from __future__ import annotations

TITLES = "mr|mrs|ms|miss|mx|dr|prof|professor|rev|reverend|sir|dame|lady|lord|pc|dc|sgt|insp"
_FORENAMES = """
aaliyah aaron abdul abdullah abigail adam adrian agnieszka ahmed aisha alan albert alex alexander alexandra ali alice
alison amanda amelia amina amir amy andrea andrew andrzej angela anita ann anna anne annie anthony antonio arthur
ashley ayesha barbara barry ben benjamin bernard beth bethany beverley bilal brenda brian bruce bryan callum cameron
carl carly carol caroline catherine charles charlie charlotte chelsea cheryl chloe chris christina christine
christopher claire clare clive colin connor craig daisy daniel danielle darren dave david dawn dean deborah debra
denise dennis derek diane dominic donald donna dorothy douglas duncan dylan edward eileen elaine eleanor elizabeth
ella ellie emily emma eric ethan evie fatima fiona florence frances francis frank fred freya gareth gary gavin gemma
geoffrey george georgia gillian glenn gordon grace graham greg gurpreet hannah harjit harry hassan heather helen henry
holly howard hussain ian ibrahim imran irene isabella isabelle isla ivan jack jacob jacqueline jade jake james jamie
jan jane janet janice jasmine jason jayne jean jenna jennifer jenny jeremy jessica jill joan joanna joanne jodie joe
joel john jonathan jordan joseph josh joshua joyce judith julia julie june justin karen karl katarzyna kate katherine
kathleen kathryn katie kay keith kelly kenneth kerry kevin khalid kieran kim kimberley kirsty krzysztof kyle laura
lauren leah leanne lee leo leon lesley lewis liam linda lindsay lisa louis louise lucy luke lynn lynne malcolm manjit
marcin marcus margaret maria marie marilyn marion mark martin martyn mary maryam matthew maureen max megan melanie
melissa michael michelle mohamed mohammad mohammed molly monika muhammad nadia naomi natalie natasha nathan neil
nicholas nicola nigel noah norman oliver olivia oscar owen pamela patricia patrick paul paula pauline peter philip
phillip phoebe piotr poppy priya rachel raj rajesh ralph raymond rebecca reece rhys richard rita robert robin roger
ronald rosemary ross roy russell ruth ryan sally sam samantha samuel sandra sarah scott sean shane shannon sharon
shaun sheila shirley sian simon simone siobhan sophia sophie stacey stanley stella stephanie stephen steve steven
stuart sue susan suzanne sylvia tanya tara terence teresa terry thelma theresa thomas tim timothy tina toby tom tomasz
tony tracey tracy trevor valerie vanessa vera veronica victor victoria vincent wayne wendy william yasmin yusuf yvonne
zainab zara zoe
"""
FORENAMES = frozenset(_FORENAMES.split())
_SURNAMES = """
adams ahmed akhtar alexander ali allen anderson andrews armstrong arnold atkinson bailey baker ball barker barnes
barnett barrett bates begum bell bennett berry bibi bishop black booth bradley brooks brown bryant burgess burke burns
burton butler byrne campbell carpenter carr carroll carter chambers chapman chatterjee chaudhry clark clarke cohen
cole coleman collins cook cooper cox crawford cross cunningham curtis dalton daniels davidson davies davis dawson day
dean dixon doyle duncan dunn edwards elliott ellis evans ferguson fernandes fernandez fisher fletcher ford foster
fowler fox francis fraser freeman fuller gallagher gardner george gibson gilbert gill goodwin gordon graham grant gray
green greene griffin griffiths hall hamilton hardy harper harris harrison hart harvey hawkins hayes henderson henry
hicks higgins hill hodgson holland holmes hopkins howard howe howell hudson hughes hunt hunter hussain iqbal jackson
jacobs james jenkins jennings johnson johnston jones jordan joyce kaczmarek kaur kelly kennedy kerr khan king knight
kowalczyk kowalski kumar lamb lane lawrence lawson leach lee lewis lloyd long lowe lucas lynch macdonald mahmood malik
marsh marshall martin mason matthews may mccarthy mcdonald mckenzie miah mills mitchell moore morgan morris morrison
moss murphy murray nash newman newton nguyen nicholls nicholson norris nowak o'brien o'connor o'neill o'sullivan
okafor okonkwo oliver osborne owen page palmer parker parkin parry parsons patel payne pearce pearson perkins perry
peters phillips poole porter potter powell price quinn rahman read reid reynolds rhodes richards richardson riley
robertson robinson rogers rose ross rowe russell ryan saunders scott shah sharma sharp shaw shepherd simpson sims
singh smith spencer stephens stephenson stevens stewart stone sutton taylor thomas thompson thomson thornton tucker
turner wade walker wallace walsh walters ward warren watkins watson watts webb webster welch wells west white
whitehead wilkinson williams williamson wilson wong wood woods woodward wright yates young zhang
"""
SURNAMES = frozenset(_SURNAMES.split())
_ALSO_WORDS = """
adams ashley ball barker bates bell berry bishop black booth brooks brown burton butler carpenter chambers chelsea
cole cook cooper cross curtis daisy dalton dawn day dean ford fowler fox francis freeman gardner georgia grace grant
gray green hall hardy hart heather hill holland holly hunt hunter jade jan jasmine joy joyce june king knight lamb
lane lee long lucas marion mark marsh mason max may mills moss nash newton norris page palmer parsons pat poppy porter
potter price ray read rhodes robin rose ross sally sharp shepherd spencer stone sue tucker victor victoria ward warren
watts webb wells west white wood woods young
"""
ALSO_WORDS = frozenset(_ALSO_WORDS.split())
"""Names that are words or places too: alone in a cell they are no alarm, beside another name they are."""
_NOT_NAMES = """
a about after all and any applicable area arm asked at before black british by call called care case cases centre
change children client close closed college completed contact control council county court crime crown custody data
date declined do domestic drive east england english essex ex exit family female follow for form found from full group
health high home hospital hostel house housing in incident intake is known left list low male manager marac medium
mental met missing month months moved n need needs new no none north not note notes now of offender office officer on
one only open or order other out own park partner person police prefer present prison probation record recorded
refused report review risk road say school see seen service services sex site social south staff standard state street
suffolk support survivor sussex team test the to told total two type under unit unknown unsuitable user value victim
victims visit wales was week weeks welsh west white with work worker year years yes
"""
NOT_NAMES = frozenset(_NOT_NAMES.split())
"""Words that stand beside a name without being part of one, or look like one because they are capitalised."""
_ANSWERS = """
a all always and answer answered any applicable asked at blank both case check contact control data declined did does
don drive either error false few given high i in is know known l low m maybe medium missing mixed n na neither never
nil no none not null of often on or other partly pending perhaps possibly prefer rarely recorded refused say see
seldom some sometimes t tba tbc the to true uncertain unclear undecided unknown unsure various y yes
"""
ANSWERS = frozenset(_ANSWERS.split())
"""Words of answers, which say nothing of a person."""
