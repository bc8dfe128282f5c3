"""Common English words: read as typed, never repaired towards the vocabulary."""

COMMON = """
a an and or but so to of in on for from with by as into onto out off over about around near within than then
also too just only still yet already even very really quite pretty please now today here there again back
away down up this that these those it its he she they them their his her we us our you your me my i am is
are was were be been do does did done have has had can could would will shall may might must should ought
let make made take took get got go goes went gone come came see saw seen know knew say said tell told ask
asked think thought want need like love use used find give gave work works keep kept begin seem help talk
turn start show hear play run move live believe bring happen write provide sit stand lose pay meet include
set learn change lead understand watch follow stop speak read spend grow open walk win teach offer remember
consider appear buy serve die send build stay fall cut reach kill raise pass sell decide return explain hope
develop carry break receive agree support hit produce eat cover catch draw choose time year people way day
man thing woman life child world school state family student group country problem hand part place case week
company system program question number night point home water room mother area money story fact month lot
right study book eye job word business issue side kind head house service friend father power hour game line
end member law car city community name president team minute idea kid body information nothing ago face
others level office door health person art war history party result morning reason research girl guy moment
air teacher force education foot boy age policy music weather market joke cup dinner lunch coffee food song
movie first second third last next new old good great bad high low big small large long little own other
same different early late young important public able best better sure free true whole real clear full
special easy hard strong possible left always never often sometimes usually once twice every each any some
many much more most few less what which who whom whose where when why how yes no not none nor neither either
both all half quarter double ever because while though although until since before after during without
against between through per via plus minus bought sold worth everything something anything everyone someone
anyone somebody nobody hey hello thanks well ok okay fine cool nice maybe perhaps else instead rather hold
held holding going doing being having dog cat mom dad wife paid salary rent birthday holiday vacation trip
flight bed sleep wake busy thinking feel feeling sad happy tired drunk weird wrong crazy stupid dumb smart
rich poor broke scared worried gold silver stock stocks oil euro card bill tax taxes news twitter reddit
youtube video email phone text call weekend monday tuesday wednesday thursday friday saturday sunday january
february march april june july august september october november december tonight tomorrow yesterday
midnight noon evening afternoon nights poem capital france paris recipe meaning temperature rain favorite
favourite color colour anymore altogether together enough such bet single piece pieces tiny huge entry
entries exits exit levels mind minds sense care careful happens happened gets given giving taking makes
making looks looked seems loves hate hates likes liked wants wanted needs needed asks asking says saying
tells telling knows friends boss dude mate buddy pal bro sir zyn jimmy hours minutes seconds weeks months
years days spot rest parts type types size sizes hundred thousand million billion dozen grand couple percent
fourth fifth tenth one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty
forty fifty sixty seventy eighty ninety zero quarters thirds halves cents cent hodl moon dip dips lambo
lately soon later sized cheap expensive green red black blue white sides books order orders bear bull above
below under anywhere hedge hedges whatever whichever whenever however cost costs costing beat beats longest
quickest chance winner winners loser losers losing winning trend trending markets bullish bearish past
previous account actually afraid ahead almost alone along among amount angry animal another answer anybody
apple argue arm army arrive asleep attack attention aunt autumn average aware awful baby bag ball band bank
base basic bath battle beach bean beautiful become bedroom beer beginning behind bell belong belt bench
beside bicycle bird birth bite blame blanket bleed bless blind block blood blow board boat bone border bored
born borrow bottle bottom bowl brain branch brave bread breakfast breath brick bridge brief bright broad
brush bug building bunch burn burst butter button cage cake calm camera camp candle candy captain career
carpet castle cause ceiling celebrate cell center century chain chair champion channel chapter character
charge charity chase cheat cheese chest chicken chief chocolate circle citizen claim class classic clean
client climb cloth cloud coach coast coat code cold collect college column comfort common compare complain
complete computer concern condition connect contain content contest continue control cook copy corner
correct cotton count courage course court cousin crash cream create credit crime cross crowd cruel cry
culture curious custom dance danger dark data daughter dead deal dear death debt deep degree delay deliver
demand depend describe desert desk destroy device diary dirty disease dish distance doctor doubt dream dress
drink drive drop drug dry duck dust duty eager earth ease east edge effect effort egg elbow electric empty
enemy enjoy equal error escape event evidence exact exam example excuse exercise exist expect expert explore
express extra fail fair faith famous fancy farm fashion fast fat fault favor fear feature feed fence fever
fiction field fight figure file fill film final finger finish fire fish fix flag flame flat float flood
flower focus fold foreign forest form fortune forward frame fresh fruit fuel fully fun funny furniture
future garage garden gas gate gather gentle ghost giant gift glad glass global glove goal goat golden golf
grade grain grass grave grocery growth guard guess guest guide guitar guilty habit hair hall hammer handle
harbor harm hat heart heat heaven heavy height hell hero hide hill hire hobby hole holy honest honor hook
horse hospital hotel human humor hungry hunt hurry hurt husband ice ignore ill image impact improve inch
income injury inside insist instant insurance interest invite iron island item jacket jail jealous join
journey judge juice jump jury keyboard king kiss kitchen knee knife knock label lack ladder lady lake lamp
land lawyer layer lazy leaf league lean leather lemon lesson letter liar library license lie lift limit
liquid listen literally load local lock logic lonely loose lord loud luck lucky machine magic mail main
major manage manner map mark marriage mask mass master match material matter maximum meal meat media medical
medicine medium melt memory mental mention menu mess metal method middle mild military milk mirror miss
mistake mix mobile model modern mood moral mortgage mountain mouse mouth muscle museum mystery nail narrow
nation nature neat neck needle nerve network neutral noise normal north nose notice nurse object ocean odd
officer opinion orange ordinary organ origin outside oven owner pack package page pain paint pair pale panel
pants paper parent park partner passenger passion patient pattern peace peak pen penny pepper perfect period
permission personal pet photo piano pick picture pilot pink pipe planet plant plastic plate player pleasant
plenty pocket poet poison pole polite pool popular population port portion pot potato practice praise pray
prefer pregnant prepare present press pretend prevent priest prince print prison private prize professor
project proof proper protect proud prove pull pump punish pupil purpose push puzzle quality queen quick
quiet race radio rail raw react ready realize rear record reduce refuse regret relax release rely remind
remote repair repeat replace reply request rescue respect restaurant review reward rice ride rifle ring
river road rob rock role roll roof root rope rough round route row rule rush safe sail salad salt sample
satisfy sauce scale scene scissors score scratch scream screen sea search season seat secret secure seed
select self senior sentence separate series serious servant settle severe sex shade shadow shake shame shape
shark sharp sheep sheet shelf shell shine ship shirt shock shoe shoot shore shoulder shout shower shut shy
sick sight sign signal silence silk silly similar simple sing sink sister situation skill skin skirt slave
slice slide slip slow smell smile smoke smooth snake snow soap social society soft soil soldier solid
solution solve sorry soul sound soup sour source south space spare specific speech spell spider spirit split
spoon sport spread spring square stable stage stair stamp star station statue status steal steam steel step
stick sticky stomach stone storm straight strange stranger strategy stream stress stretch strict strike
string strip struggle stuff style subject succeed sugar suit summer sun surface surprise surround survey
survive suspect sweat sweet swim swing switch symbol table tail tale talent tank tape target task taste tea
tear tease technique teenager temple tennis tent term terrible test theory thick thief thin threat throat
throw ticket tie tiger tight tip title toast toe tomato tone tongue tool tooth topic total touch tough tour
towel tower toy track traffic train travel treasure treat tree trial trick trouble truck trust truth tube
tune tunnel twin ugly umbrella uncle uniform union unit universe upset urban useful usual valley valuable
van vast vegetable vehicle verb victim victory village violent visible vision visit vocabulary voice volume
vote wage wait wall warm warning wash waste wave weak wealth weapon wear wedding weed weigh welcome west wet
wheel wide wild wind wine wing winter wire wisdom wise wish witness wolf wood wool worry worst wound wrap
wrist yard yellow youth zone snap moved moving paste pasted summarise summarize trailing simply likely
mostly mainly nearly exactly roughly quickly slowly finally recently normally properly certainly probably
basically honestly seriously currently across beneath beyond despite except toward towards upon versus
unless whereas whether everyday everywhere somewhere nowhere sometime meanwhile otherwise therefore thus
hence anyway besides further furthermore moreover nevertheless nonetheless
avoid avoids apply allow accept achieve adjust admit adopt advance adventure affect aim announce anxious apart
appeal appear appoint approach arrange arrow aside attach attempt attract author avoiding await awkward
background balanced bare barely bite bitter blank blog boil bold bomb bonus boom boring bounce bother bulk
bull bunch busy calmly candidate capable cards carefully casual cautious chaos cheer clever clue collapse
commit community complex confident confuse confusing constant convince cope couple crisp curve cute cycle
damage decent declare deeply defend define delete deliver despite detail determine dig digit dinner disappear
disaster discover discuss dive divide dot dozen drain dramatic dull during dying eager earlier easily edge
elect emotional enormous entire entirely escape essential evil exciting exhausted expected explode explosion
extremely failed failure faith fake familiar fantastic fault favour fellow figured filled finance financial
fit fixed flow fooled forgot forever former fortunate found freedom frozen fuss gamble gambler gambling
gentle giving grab greedy greed grow growth guilty gut guts handsome happen hardly hates heavily hedge highly
hint hits hmm honestly hopefully hourly huge humble hype idle impossible impressive inflation informed
inner innocent inspire instance instantly intend invested investment investor irony jealous judge keen
kick kidding kinda sorta lame largely lately laugh launch lazy leading legal legit lend level literally
lively loan logical loop loyal lying mad mainly mature maybe mean meaning meant meantime mere merely minor
miserable missed missing moderate modest monthly moody nasty naturally necessary nervous network normal
notes noticed obvious obviously odds offended oops opinion opportunity optimistic outcome overall owe own
panicked panicking partly patience pessimistic phrase plain planned plenty pleased pointless polite
portion positive potential pressure pretty prime prior private proceed progress promised proof quietly
rally random rapid rapidly rare rarely rates ratio raw reality realistic reasonable recall recover recovery
regarding regularly relative relaxed reliable remain remains repeat required reserve respect responsible
results roughly ruin rumor rumour sadly satisfied savings scam scammer scary scheme score seek sensitive
settle shame sharply shock shout sigh silly skill sleepy slight slightly slump smooth sneaky solid somehow
sorry spike split stable standard starting steady straight stress strongly struggle stuck stupidly succeed
success sudden suddenly suffer sum surely surge survive suspicious swing tanking tends tension terrified
terrible thrill tiny tired topic totally traded trader tragic trap tremendous tricky trust truth twist
typical ugh unable uncertain unclear unfair unlucky unusual update upset urgent usual various vast verify
volatile volatility wanna warn wasted weather weird whale whales whatever wicked wild wonder wonderful
worried worries worry worse worthless yesterday zone coinbase exchange broker tonight fomo fud rekt degen
payday paycheck landlord mortgage wedding anniversary passport dentist allergy address nickname hometown
tall eiffel polar
chat chit gran granny grandma grandpa nan daydreaming daydream horoscope sofa couch sandwich resolution
reckons reckon spilled spilling vet kettle shopping bike bikes rubbish unwatered headache boredom kids
babies toddler nephew niece granddad grandson granddaughter neighbour neighbor neighbours colleague
colleagues coworker boyfriend girlfriend fiance spouse roommate barber plumber electrician mechanic gardener
landlady tenant lawn mower shed toaster fridge freezer microwave dishwasher laundry washing ironing hoover
vacuum curtain curtains pillow mattress bathroom toilet bathtub wardrobe drawer shelves pub pint beers
whisky gin cocktail cocktails barbecue bbq grill roast sausage bacon eggs pizza pasta noodles curry burger
fries chips crisps biscuit biscuits cookie cookies sweets icecream pancake pancakes cereal porridge banana
bananas oranges strawberry strawberries grapes lemons potatoes carrot carrots onion onions garlic cabbage
lettuce mushroom mushrooms beans peas flour football soccer rugby cricket hockey basketball baseball
marathon jogging gym yoga swimming cycling hiking camping fishing skiing skating surfing dancing singing
painting drawing knitting sewing gaming chess poker concert festival cinema theatre theater gallery zoo
circus parade fireworks picnic funeral christmas easter thanksgiving halloween valentine honeymoon reunion
graduation exams homework essay lecture classroom headmaster principal semester scholarship diploma sunny
rainy cloudy windy stormy foggy snowy freezing boiling chilly humid drizzle thunder lightning rainbow
sunrise sunset breeze storms floods drought heatwave airport airplane plane planes flights luggage suitcase
visa hostel motel taxi uber bus buses tram subway metro platform motorway highway parking petrol diesel
gasoline motorbike scooter lorry trucks ferry cruise yacht canoe clinic surgery surgeon doctors tablets
pills vaccine injection bandage cough flu sneeze sneezing toothache backache allergies diet calories weight
puppy puppies kitten kittens hamster rabbit rabbits parrot goldfish tortoise pony ponies donkey goose geese
ducks chickens rooster goats cows cow pigs pig wolves foxes fox badger squirrel hedgehog owl owls eagle
eagles pigeon pigeons sparrow robin swan swans dolphin dolphins sharks octopus crab lobster spiders ant ants
bee bees wasp wasps butterfly butterflies mosquito mosquitoes worm worms snail snails frog frogs toad lizard
snakes turtle turtles laptop laptops tablet charger battery batteries headphones speaker speakers cameras
printer monitor router wifi password internet website browser facebook instagram tiktok snapchat whatsapp
podcast podcasts playlist album violin drums trumpet orchestra choir lovely gorgeous horrible dreadful
ghastly brilliant fabulous marvellous marvelous splendid superb delightful charming grumpy cranky cheerful
gloomy embarrassed ashamed envious relieved knackered shattered drowsy starving thirsty dizzy poorly unwell
healthy dreaming sleeping snoring reading writing cooking baking cleaning tidying driving walking running
jumping climbing falling laughing crying shouting whispering arguing chatting gossiping texting calling
waiting hoping praying wishing wondering guessing believing knowing grateful thankful blessed unfortunate
superstitious religious spiritual gosh blimey crikey heavens goodness gracious phew whoa yikes ouch meh eh
huh aye pension wages payslip overtime promotion manager deadline meeting meetings interview interviews
resume contract commute commuting apparently frankly personally luckily strangely weirdly absolutely utterly
scarcely somewhat fairly delighted thrilled excited chuffed gutted devastated furious annoyed irritated fed
nicer kinder softer harder faster slower louder quieter warmer colder wetter drier thinner thicker fatter
taller wines lager ale cider rum vodka basket baskets bucket buckets barrel barrels bottles seeing hearing
smelling tasting touching
belt belts braces brace used clue fragt barber early
date dates dated
lisbon madrid paris berlin london rome vienna zurich geneva brussels amsterdam dublin athens helsinki oslo
stockholm copenhagen prague warsaw budapest istanbul moscow dubai tokyo osaka seoul beijing shanghai
singapore bangkok jakarta mumbai delhi sydney melbourne auckland toronto vancouver montreal chicago denver
boston seattle miami dallas austin houston atlanta lima bogota santiago lagos nairobi cairo capetown
barcelona munich hamburg frankfurt milan porto suck sucks sucked
pizza election elections elon musk
currency currencies highlight highlights gist nutshell
forbid forbids prohibit refrain restrain abstain recite translate rhyme pronounce
"""

# Words of another world: a question about them is none about the trade. Read by elsewhere.py.
WORLD = """
bread bake baking cake cakes cook cooking cooked recipe recipes ricetta meal meals lunch breakfast supper
dinner pizza pasta soup salad cheese butter milk egg eggs meat fruit vegetable vegetables chocolate candy
beer wine tea coffee restaurant kitchen oven fridge dish dishes drink drinking hungry thirsty wear wearing
shirt shirts shoe shoes dress jacket coat trousers jeans hat fashion haircut hair barber car cars bike
bicycle motorbike truck tyre tire garage petrol gasoline mechanic driving train trains bus flight flights
airport hotel holiday holidays vacation passport visa luggage beach weight diet calories gym yoga muscle
muscles headache fever flu toothache dentist doctor hospital medicine pill pills pregnant sleep asleep dream
dreams dreamt skin allergy vaccine nurse surgery mortgage bank landlord rent apartment garden lawn roof
plumber furniture sofa carpet bathroom toilet laundry washing cleaning bedroom house bank-account insurance
salary pension son sons daughter daughters kid kids child children baby babies wife husband mother father
mum mom dad brother sister grandma grandpa granny uncle aunt nephew niece cousin boyfriend girlfriend fiance
wedding married marry divorce birthday neighbour neighbor dating sky planet planets world ocean sea mountain
mountains river weather rain raining snow storm tree trees flower flowers forest dog dogs cat cats puppy
kitten horse horses cow cows bird birds fish fishing hamster rabbit school homework essay exam exams
university college teacher class lecture maths math physics chemistry biology geography grammar spelling
poetry novel novels author library romans roman greek greeks egypt empire war wars football soccer rugby
cricket tennis golf basketball baseball hockey marathon olympics league referee championship player players
lakers game games chess film films movie movies song songs band concert singer actor actress guitar piano
music tv television netflix youtube instagram tiktok facebook celebrity podcast theatre theater museum
painting election elections vote votes voting voted president minister parliament government politics
politician brexit senator congress country countries town village spain france london rome germany england
america africa europe asia china japan india mars jupiter religion church prayer horoscope zodiac ghost
tooth nose finger foot feet stomach colour color joke poem phone laptop printer wifi router iphone android
keyboard parcel parcels delivery amazon people keys glasses lights window windows door doors lottery
pharmacy drain debate debates oscars spiel partido partita wetter clima meteo rezept receta recette
restaurants hairdresser parking postman
"""
