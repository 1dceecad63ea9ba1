/* fence.pml - sides that travel back in time, for one repository with one ref, as a model for SPIN 6 (spinroot.com).
 *
 * Either side may go back: old (the repository, the agent's state, or both) from a snapshot, GitLab from a backup, or its project is
 * made anew. A fence is a ref of ours at GitLab that every look reads; docs/design/fence.md has the rules by the numbers used here.
 *
 * What handover.pml checks (leases, drain, holds that run out, git's own locks) is one atomic step here. What matters here is kept
 * apart: each file of old, each request to GitLab, each look; a crash may fall between any two of them.
 *
 *   old = { repository: the ref `old`, R } and { state: phase, agreed, tries, records, L, P, gate, was, stop };  GitLab = { `gl`, `G` }
 *   G the fence at GitLab; L the one that old last knew to be there; P the one that is about to go (0 none); R the repository's own copy
 *   was: fences of the last lagSeconds (a bit each)
 *
 * Values of the ref: 0 = absent, 1 = root, 2 and 3 = two different children of 1. Fences: 0 = absent, else a number never used twice.
 * What another ref needs of the fence is one step that may come in any pass (OTHER): it stands for a second ref, of which this one
 * sees nothing else.
 *
 * Switches (budgets are small on purpose; run many small configurations)
 *   START=1|2|3 (mirror|both|refuse)   T1, T2 = targets of phase changes   OPS = operators   AGAIN = how often a move that failed is run again
 *   KP = pushes to old   ND = pushes straight to GitLab   PASSES   LOST = answers that are lost   PCRASH = passes that die   FCRASH = movers
 *   RB = reboots of old   TAKE = in mirror old takes pushes after a reboot before GitLab was seen (the setting `take`)
 *   FORGE = times that somebody sets or deletes the fence by hand   WIPE = times that somebody deletes it (push --mirror)
 *   LAG = looks that see GitLab as it was a while ago   OTHER = moves that another ref needs   BARE = the state is from before fences
 *   ST = settlements by a person of what stopped   RL = a person decides about the ref that waits
 *   SO, SG = snapshots of old, of GitLab (the last one counts)   TO = old travels, all of it (its processes die)
 *   TR = its repository alone   TS = its state alone (both under living processes)   TG = GitLab travels   TN = its project is made anew
 *   LATE0 = values that mirror passes sent in earlier times (a bit each)   MAXV = largest value   FMAX = fences at most
 *
 * SPREAD: a pass never takes an acknowledged value from the last side that has it. ALARM: without travel nothing stops.
 * STUCK: without travel everything becomes level, but for a ref that waits and is listed. STRAY: no side that is not the authority
 * acknowledges a push.
 */
#ifndef START
#define START 1
#endif
#ifndef T1
#define T1 0
#endif
#ifndef T2
#define T2 0
#endif
#ifndef OPS
#define OPS 1
#endif
#ifndef KP
#define KP 1
#endif
#ifndef ND
#define ND 0
#endif
#ifndef MAXV
#define MAXV 2
#endif
#ifndef PASSES
#define PASSES 2
#endif
#ifndef LOST
#define LOST 0
#endif
#ifndef PCRASH
#define PCRASH 0
#endif
#ifndef FCRASH
#define FCRASH 0
#endif
#ifndef RB
#define RB 0
#endif
#ifndef FORGE
#define FORGE 0
#endif
#ifndef WIPE
#define WIPE 0
#endif
#ifndef LAG
#define LAG 0
#endif
#ifndef OTHER
#define OTHER 0
#endif
#ifndef ST
#define ST 0
#endif
#ifndef RL
#define RL 0
#endif
#ifndef SO
#define SO 0
#endif
#ifndef SG
#define SG 0
#endif
#ifndef TO
#define TO 0
#endif
#ifndef TR
#define TR 0
#endif
#ifndef TS
#define TS 0
#endif
#ifndef TG
#define TG 0
#endif
#ifndef TN
#define TN 0
#endif
#ifndef AGAIN
#define AGAIN 2
#endif
#ifndef LATE0
#define LATE0 0
#endif
#ifndef FMAX
#define FMAX 7
#endif
#if (TO + TR + TS + TG + TN) == 0
#define NOTRAVEL
#endif
#ifdef BARE
#define FIRST 0
#else
#define FIRST 1
#endif

#define MIRROR 1
#define BOTH   2
#define REFUSE 3
#define OK    1		/* answers of GitLab */
#define STALE 2
#define UNK   3
#define AGENT 9
#define PLANT 254	/* L while a missing fence is planted again */
#define NONE  255	/* L while a person's settlement is not over: no fence of GitLab's is the right one */

/* the repository on old */
byte old = 1, R = FIRST;
/* the state folder on old */
byte phase = START, agreed = 1, sent = 0, late = LATE0, L = FIRST, P = 0, was = 0, lagged = 0, stop = 0;
bit gate = 0;
bit rec[2], ack[2]; byte rb[2], ra[2];	/* records; ack: no request of this push is without an answer */
bit confl = 0, dmgd = 0;
bit exempt = 0;				/* a person let the ref that waits follow */
/* processes of old */
byte lock = 0, hold = 0; bit busy = 0; byte cur = 0; bit seen = 1;	/* seen: a look since the start of old found the fence equal */
bit killP = 0, killF[OPS], killU = 0;
/* GitLab */
byte gl = 1, G = FIRST; bit open = (START != MIRROR), inflight = 0;
#if LAG
byte pgl = 1, pG = FIRST;		/* what a replica that lags shows */
#endif
/* a request that GitLab applies later */
bit zset = 0; byte zb, za, zi, zv; bit zr; byte zfb, zfa;
/* snapshots */
#if SO
bit ho = 0; byte s_old, s_R, s_phase, s_agreed, s_sent, s_late, s_L, s_P, s_was, s_stop, s_rb[2], s_ra[2]; bit s_gate, s_rec[2], s_ack[2], s_confl, s_dmgd; byte s_ogen;
#endif
#if SG
bit hg = 0; byte s_gl, s_G, s_ggen;
#endif
byte so = SO, sg = SG, to = TO, tr = TR, ts = TS, tg = TG, tn = TN, lostb = LOST, pcb = PCRASH, fcb = FCRASH, rbb = RB, fgb = FORGE, wpb = WIPE, lgb = LAG, otb = OTHER, pb = PASSES, stb = ST, rlb = RL;
bit pushdone = 0, dirdone = 0, quiet = 0; byte flips = 0;
/* ghosts: what the accepted updates give, and which acceptance a value comes from (values equal by chance are not the same push) */
byte truth = 1, tphase = START, fctr = 1; bit stray = 0, wild = 0;
byte tgen = 0, ogen = 0, ggen = 0, agen = 0;	/* agen: of what is agreed */
#define oldhas (old == truth && ogen == tgen)
#define glhas  (gl == truth && ggen == tgen)

#define bit_of(v)  (1 << (v))
#define isff(x,y)  (((x) == 0 && (y) != 0) || ((x) == 1 && (y) >= 2))
#define contains(o,v) ((v) == 1 && (o) >= 2)
#define ended(i)   (rec[i] && !(busy && cur == i))
#define edge(i,x,y) (e##i && rec[i] && rb[i] == (x) && ra[i] == (y))
#define path(x,y)  (edge(0,x,y) || edge(1,x,y) || (e0 && e1 && rec[0] && rec[1] && ((rb[0]==(x) && ra[0]==rb[1] && ra[1]==(y)) || (rb[1]==(x) && ra[1]==rb[0] && ra[0]==(y)))))
#define lost(i,o)  (e##i && rec[i] && ack[i] && ra[i] != (o) && !contains(o, ra[i]) && !path(ra[i], o))
#define MISSING(o) (lost(0,o) || lost(1,o))
#define sound(g,o) ((isff(g,o) || path(g,o)) && !MISSING(o))
#define ours(g,a,o) ((g) == (a) || (g) == (o) || (((sent|late) >> (g)) & 1))
/* Rule 7. Old has what a push brought that GitLab answered and no fence covers yet; GitLab shows something that does not contain it. */
#define answered(i,o) (rec[i] && ack[i] && ra[i] == (o))
#define uncovered(o,g) ((o) != (g) && !contains(g, o) && ((e0 && answered(0, o)) || (e1 && answered(1, o))))
#define waiting (old != gl && !contains(gl, old) && (answered(0, old) || answered(1, old)))
#ifdef BUG_OPENSTOP
#define refused 0
#else
#define refused (stop != 0)
#endif

inline choose(b, a) {
	if
	:: b != 0 -> a = 0
	:: b != 1 -> a = 1
	:: b != 2 -> a = 2
#if MAXV >= 3
	:: b != 3 -> a = 3
#endif
	fi
}
/* GitLab's ref moves to a */
inline take(i, a, v) {
	if
	:: i == AGENT -> assert(!(glhas && a != truth && !contains(a, truth) && !oldhas)); ggen = v	/* SPREAD */
	:: i != AGENT ->
		if
		:: tphase == MIRROR		/* counted when old takes it */
		:: tphase != MIRROR && glhas -> truth = a; tgen++; ggen = tgen
		:: else -> stray = 1; ggen = 99		/* a push onto a side that travelled */
		fi
	fi;
	gl = a
}
/* old's ref moves by an accepted push in `mirror` */
inline takeold(b, a) {
	if
	:: tphase == MIRROR && oldhas -> truth = a; tgen++; ogen = tgen
	:: tphase != MIRROR || !oldhas -> stray = 1; ogen = 99
#ifdef ASSERT_STRAY
		; assert(tphase == MIRROR)	/* STRAY */
#endif
	fi;
	old = a
}
/* a request for the ref. Call inside atomic. */
inline reqref(i, b, a, res, v) {
	if
	:: gl == a -> res = OK; if :: i == AGENT -> ggen = v :: else fi
	:: gl != a && gl == b -> take(i, a, v); res = OK
	:: gl != a && gl != b -> res = STALE
	:: lostb > 0 && !quiet -> lostb--; res = UNK;
		if
		:: gl == b && gl != a -> take(i, a, v)
		:: skip
		:: !zset -> zset = 1; zr = 1; zb = b; za = a; zi = i; zv = v
		fi
	fi
}
/* a request for the fence */
inline reqfence(b, a, res) {
	if
	:: G == a -> res = OK
	:: G != a && G == b -> G = a; res = OK
	:: G != a && G != b -> res = STALE
	:: lostb > 0 && !quiet -> lostb--; res = UNK;
		if
		:: G == b && G != a -> G = a
		:: skip
		:: !zset -> zset = 1; zr = 0; zfb = b; zfa = a
		fi
	fi
}

#ifdef BUG_BOOT
#define known 1
#else
#define known seen
#endif
#ifdef TAKE
#define mirrortakes 1
#else
#define mirrortakes known
#endif
/* ---- pushes to old ---- */
proctype Push() {
	byte b, a, i = 0, res, v;
start:	{
	do
	:: i >= KP -> break
	:: i < KP ->
		atomic { b = old; choose(b, a) };
		atomic {
			hold == 0 ->
			if
			:: gate
			:: !gate && (refused || phase == REFUSE)
			:: !gate && !refused && phase == MIRROR && !mirrortakes
			:: !gate && !refused && phase == BOTH && !known
			:: !gate && !refused && phase == MIRROR && mirrortakes ->
				if :: old == b && !rec[i] -> takeold(b, a); rec[i] = 1; ack[i] = 1; rb[i] = b; ra[i] = a :: else fi
			:: !gate && !refused && phase == BOTH && known ->
				busy = 1; cur = i; rec[i] = 1; ack[i] = 0; rb[i] = b; ra[i] = a
			fi
		};
		if
		:: !busy
		:: busy ->
			atomic { reqref(i, b, a, res, 0); v = ggen };
			if
			:: res == OK -> ack[i] = 1;
				atomic {
					if
					:: old == b ->
						if
						:: tphase == MIRROR && oldhas -> truth = a; tgen++; ogen = tgen; if :: gl == a -> ggen = tgen :: else fi
						:: tphase == MIRROR && !oldhas -> ogen = 99
						:: tphase != MIRROR -> ogen = v
						fi;
						old = a
					:: else
					fi;
					busy = 0
				}
			:: res == STALE -> atomic { rec[i] = 0; busy = 0 }
			:: res == UNK -> busy = 0
			fi
		fi;
		i++
	od
	} unless { killU };
	if
	:: atomic { killU -> killU = 0; i++; goto start }
	:: else
	fi;
	pushdone = 1
}

#ifdef BUG_VERIFY
#define same 1
#else
#define same (old == o)
#endif
/* ---- the fence ---- */
inline maydie() {
	if
	:: skip
	:: atomic { pcb > 0 && !quiet -> pcb--; goto gone }
	fi
}
#ifdef BUG_UNIQUE
/* mistake: the fence says the phase and nothing that is never used twice */
#define newfence(x) x = (phase == MIRROR -> 1 : 2)
#else
#define newfence(x) fctr++; x = fctr
#endif
/* Rule 2: the new fence is GitLab's. Under the lock. */
inline landed_() {
	if
	:: P == p -> was = (L < 8 && L > 0 -> was | bit_of(L) : was); L = p; P = 0; gate = 0; k = 1
	:: else -> goto gone
	fi
}
/* Under the lock. k = 1 when the new fence is on GitLab and written down. */
inline fmove() {
	k = 0;
#ifdef BUG_PENDING
	p = 0;
	if :: fctr < FMAX -> atomic { newfence(p) } :: else fi;
	m = L;
#else
	if
	:: atomic { P == 0 && fctr < FMAX -> newfence(P) }
	:: P != 0 || fctr >= FMAX
	fi;
	atomic { p = P; m = (L == PLANT -> 0 : L) };
#endif
	if
	:: p == 0
	:: p != 0 ->
		maydie();
#ifdef BUG_LOCALFIRST
		atomic { L = p; P = 0; gate = 0 }; maydie();
#endif
		atomic { reqfence(m, p, res) };
		maydie();
		if
		:: res == OK ->
#ifndef BUG_PLANTLOOK
			if
			:: L == PLANT -> goto gone	/* the next look decides */
			:: L != PLANT
			fi;
#endif
#ifndef BUG_REPO
			atomic { if :: phase != MIRROR || ((R == m || R == p) && same) -> R = p :: else -> goto gone fi };
			maydie();
#endif
#ifdef BUG_LOCALFIRST
			k = 1
#else
#ifdef BUG_PENDING
			L = p; gate = 0; k = 1
#else
			atomic { landed_() }
#endif
#endif
		:: res == STALE || res == UNK -> goto gone
		fi
	fi
}
/* another ref needs a move */
inline forother() {
#if OTHER
	if
	:: skip
	:: atomic { otb > 0 && !quiet -> otb--; w = 2 };
		fmove();
		if :: !k -> goto gone :: else fi
	fi
#else
	skip
#endif
}
#ifdef BUG_PENDING
#define landed 0
#else
#define landed (P != 0 && f == P)
#endif
#ifdef BUG_REPO
#define rok 1
#define rok_landed 1
#else
#define rok (phase != MIRROR || r == L)
#define rok_landed (phase != MIRROR || r == L || r == P)
#endif
#ifdef BUG_NOFENCE
#define fenced 1
#else
#define fenced (f == L && P == 0)
#endif
#if !defined(BUG_NOFENCE) && !defined(BUG_FLIPMOVE) && !defined(BUG_ORDER)
#define room (fctr < FMAX)
#else
#define room 1
#endif
/* nothing is wrong but the fence */
#define asagreed (g == agreed || contains(g, agreed) || path(agreed, g))
/* Rules 3b and 11: a fence that was planted, or that settles, counts when a look finds it and nothing else wrong. */
#if defined(BUG_SETTLELOOK) || defined(BUG_PLANTLOOK)
#define settledok 1
#else
#define settledok ((L != NONE && L != PLANT) || asagreed)
#endif
/* Rule 3b: the fence is missing and nothing else is wrong, so that a pass may plant a new one. A person who forces the ref at GitLab,
 * deletes it or makes it again before the next look (wild) looks like a project made anew: that stops. */
#ifdef BUG_PLANT
#define plants (f == 0 && phase != MIRROR && L != NONE)
#else
#define plants (f == 0 && phase != MIRROR && L != NONE && known && asagreed)
#endif
#define lagsback (f != L && f > 0 && f < 8 && ((was >> f) & 1))
/* what each look compares, before it decides anything. f: GitLab's fence, r: the repository's copy; the state is read now, under the lock */
inline fcheck() {
#ifndef BUG_NOFENCE
	atomic {
		if
		:: landed && rok_landed && settledok -> k = 1
		:: landed && !(rok_landed && settledok) -> k = 0
		:: !landed && f == L && rok -> k = 1
		:: !landed && f != L && plants -> L = PLANT; k = 1
#if LAG
		:: !landed && lagsback && !plants && lagged < 2 -> lagged++; goto gone	/* neither followed nor refused: looked at again */
#endif
		:: else -> k = 0
		fi;
		if :: k -> stop = 0; seen = 1; lagged = 0 :: else -> stop = 1 fi
	};
	if
	:: !k -> goto gone
	:: else
	fi;
#ifndef BUG_PENDING
	if
	:: P != 0 && f == P ->	/* it landed, whatever its answer was */
		p = P;
#ifndef BUG_REPO
		atomic { if :: phase != MIRROR || ((R == L || R == P) && same) -> R = P :: else -> goto gone fi }; maydie();
#endif
		atomic { landed_() }
	:: P != 0 && f != P -> fmove()	/* the same value again */
	:: P == 0 && (L == 0 || L == PLANT) -> fmove()	/* none was ever there, or it is planted again */
	:: P == 0 && L != 0 && L != PLANT
	fi;
	if
	:: !k -> goto gone
	:: else
	fi
#endif
#else
	k = 1
#endif
}

/* ---- passes ---- */
inline passbody() {
	ph = phase;
	atomic { e0 = ended(0); e1 = ended(1); nl = busy; o = old; r = R; og = ogen };
	atomic { g = gl; f = G; gg = ggen
#if LAG
		; if :: skip :: lgb > 0 && !quiet && (pgl != gl || pG != G) -> lgb--; g = pgl; f = pG; gg = 97 fi
#endif
	};
	fcheck();
	if
	:: ph == MIRROR && !confl && !dmgd ->
		if
		:: o == agreed && g == agreed ->
			w = 0;
#if !defined(BUG_NOFENCE) && !defined(BUG_SETTLEMOVE)
			if
			:: e0 || e1 -> fmove(); if :: !k -> goto gone :: else fi
			:: else
			fi;
#endif
			atomic {
				if
				:: MISSING(o) -> if :: old != o :: else -> dmgd = 1 fi
				:: !MISSING(o) -> ggen = (gl == o -> og : ggen); late = late | sent; sent = 0; if :: e0 -> rec[0] = 0 :: else fi; if :: e1 -> rec[1] = 0 :: else fi
				fi
			}
		:: o == agreed && g != agreed ->
			atomic {
				if
				:: (sent >> g) & 1 -> agreed = g; w = 0
				:: !((sent >> g) & 1) && ((late >> g) & 1) -> w = 1
				:: else -> confl = 1; w = 0
				fi
			}
		:: o != agreed ->
			atomic {
				if
				:: sound(agreed, o) && ours(g, agreed, o) -> w = 1
				:: sound(agreed, o) && !ours(g, agreed, o) -> confl = 1; w = 0
				:: else -> if :: old != o :: else -> dmgd = 1 fi; w = 0
				fi
			}
		fi;
		if
		:: w == 0
		:: w == 1 ->
			sent = sent | bit_of(o); maydie();
#if !defined(BUG_NOFENCE) && !defined(BUG_SENDMOVE)
			fmove();
			if :: !k -> goto gone :: else fi;
#endif
			atomic {
				if
				:: !((sent >> g) & 1) && ((late >> g) & 1)
				:: else -> g = agreed
				fi;
				reqref(AGENT, g, o, res, og); g = gl
			};
			maydie();
			if
			:: res == OK -> agreed = o
			:: res == UNK
			:: res == STALE ->
				atomic {
					if
					:: (sent >> g) & 1 -> agreed = g
					:: !((sent >> g) & 1) && (g == agreed || ((late >> g) & 1))
					:: else -> confl = 1
					fi
				}
			fi
		fi
	:: ph != MIRROR ->
		atomic { w = 1;
#ifndef BUG_COVER
			if :: uncovered(o, g) && !exempt -> w = 0 :: else fi;
#endif
			if :: o != g && nl -> w = 0 :: else fi
		};
		forother();
		if
		:: w == 0 || w == 2 -> goto gone	/* the ref waits, with its records; after a move of its own the next look decides */
		:: else
		fi;
#if !defined(BUG_NOFENCE) && !defined(BUG_FOLLOWMOVE)
		if
		:: g != agreed || e0 || e1 ->
			fmove();
			if :: !k -> goto gone :: else fi;
#ifndef BUG_RELOOK
			atomic { if :: gl == g && G == L && old == o && !busy && e0 == ended(0) && e1 == ended(1) -> if :: g == o && oldhas && gl == truth -> ggen = tgen :: else fi :: else -> goto gone fi }	/* a whole second look */
#endif
		:: else
		fi;
#endif
		atomic {
			if
			:: old == o && o != g && e0 == ended(0) && e1 == ended(1) -> assert(!(oldhas && g != truth && !contains(g, truth) && !glhas)); old = g; ogen = (g != agreed || e0 || e1 -> gg : agen)	/* SPREAD. Not modelled: a whole push that began and ended between the second look and this compare-and-set */
			:: old == o && o == g -> ogen = (g != agreed || e0 || e1 -> gg : ogen)	/* a value that came and went between two looks is not new to old */
			:: else
			fi
		};
		maydie();
		atomic { if :: oldhas && gl == truth -> ggen = tgen :: else fi; agen = (g != agreed || e0 || e1 -> gg : agen); agreed = g; exempt = 0; if :: e0 -> rec[0] = 0 :: else fi; if :: e1 -> rec[1] = 0 :: else fi }
	:: else
	fi
}

proctype Pass() {
	byte o, g, f, r, ph, res, w, k, p, m, og, gg; bit e0, e1, nl;
start:	{
	do
	:: atomic { pb > 0 && lock == 0 -> lock = 1; pb-- };
		passbody();
gone:		atomic { if :: lock == 1 -> lock = 0 :: else fi }
	:: atomic { pushdone && dirdone && flips == OPS && !zset && pb == 0 && lock == 0 && rlb == 0 && !quiet -> quiet = 1; pb = 4 }
	:: atomic { quiet && pb == 0 && lock == 0 -> break }
	od
	} unless { killP };
	if
	:: atomic { killP -> killP = 0; goto start }
	:: else
	fi;
#ifdef NOTRAVEL
	assert(FORGE > 0 || (WIPE > 0 && wild) || stop != 1);	/* ALARM */
	assert(stray || (!confl && !dmgd));
	assert(FORGE > 0 || (WIPE > 0 && wild) || fctr >= FMAX || (P == 0 && !gate && (old == gl || waiting)));	/* STUCK */
#if RL
	assert(fctr >= FMAX || old == gl);		/* STUCK, after a person decided */
#endif
#endif
	skip
}

proctype Flip(byte me) {
	byte o, g, f, r, ph, res, w, k, p, m, og, gg, t = T1, again = AGAIN; bit e0, e1, nl;
start:	{
	if
	:: t == 0 -> goto fin
	:: t != 0 && phase == t && !gate -> goto opens
	:: else
	fi;
	if
	:: t == MIRROR && phase != t -> open = 0; (!inflight)
	:: else
	fi;
	atomic { hold == 0 -> hold = 10 + me };
	if
	:: !busy
	:: hold != 10 + me -> goto gone
	fi;
	if
	:: atomic { lock == 0 -> lock = 10 + me }
	:: hold != 10 + me -> goto gone
	fi;
	passbody(); passbody();
	(!zset);
	/* compare every ref */
	o = old;
	atomic { g = gl; f = G };
	if
	:: o == g && !confl && !dmgd && !stop && hold == 10 + me && fenced
	:: else -> goto gone
	fi;
	if
	:: phase == t -> skip		/* only its fence was missing */
	:: phase != t ->
		agreed = o;
#if !defined(BUG_NOFENCE) && !defined(BUG_FLIPMOVE) && defined(BUG_ORDER)
		fmove();
		if :: !k -> goto gone :: else fi;
#endif
		atomic {	/* rule 6: one write */
			if
			:: hold == 10 + me && room ->
				if
				:: t == MIRROR -> late = late | sent; sent = 0; rec[0] = 0; rec[1] = 0
				:: else
				fi;
				phase = t; tphase = t;
#if !defined(BUG_NOFENCE) && !defined(BUG_FLIPMOVE) && !defined(BUG_ORDER)
				newfence(P);
#ifndef BUG_GATE
				gate = 1;
#endif
#endif
				hold = 0
			:: else -> goto gone
			fi
		};
#if !defined(BUG_NOFENCE) && !defined(BUG_FLIPMOVE) && !defined(BUG_ORDER)
		fmove();
		if :: !k -> goto gone :: else fi
#endif
	fi;
	atomic { if :: lock == 10 + me -> lock = 0 :: else fi; if :: hold == 10 + me -> hold = 0 :: else fi };
opens:	atomic { if :: t != MIRROR && phase == t -> open = 1 :: else fi };
	if
	:: T2 != 0 && t != T2 -> t = T2; again = AGAIN; goto start
	:: else -> goto fin
	fi;
gone:	atomic { if :: hold == 10 + me -> hold = 0 :: else fi; if :: lock == 10 + me -> lock = 0 :: else fi };
	if
	:: again > 0 && !stop -> again--; goto start	/* it is run again */
	:: else
	fi;
fin:	skip
	} unless { killF[me] };
	if
	:: atomic { killF[me] -> killF[me] = 0; if :: lock == 10 + me -> lock = 0 :: else fi; if :: hold == 10 + me -> hold = 0 :: else fi; goto start }
	:: else
	fi;
	flips++
}

proctype Direct() {
	byte b, a, k = ND;
	do
	:: k > 0 -> k--;
		atomic { b = gl; choose(b, a) };
		if
		:: atomic { open -> inflight = 1 };
			atomic { if :: gl == b -> wild = (b != 0 && isff(b, a) -> wild : 1); take(7, a, 0) :: else fi; inflight = 0 }
		:: !open
		fi
	:: k == 0 -> break
	od;
	dirdone = 1
}

/* a person who settles what stopped (rule 11): chooses the side that has what was acknowledged, and the real phase; the fence comes last */
proctype Settle() {
	byte g, f, o, p;
	do
	:: atomic { stb > 0 && stop != 0 && lock == 0 && hold == 0 -> stb--; lock = 5; hold = 5 };
		(!busy && !zset);	/* pushes that run have ended, and none may still land */
		o = old; atomic { g = gl; f = G };
#ifdef BUG_SETTLEFIRST
		atomic { fctr++; P = fctr };
		atomic { if :: G == f -> G = P; R = P; L = P; P = 0; gate = 0; stop = 0; seen = 1; phase = tphase :: else -> goto away fi };
		if :: goto away :: skip fi;
#endif
		atomic {
			if
			:: oldhas || !glhas ->	/* old is right, or nobody knows */
				if :: gl == g && old == o -> gl = o; truth = o; tgen++; ogen = tgen; ggen = tgen :: else -> goto away fi
			:: !oldhas && glhas ->
				if :: old == o && gl == g -> old = g; truth = g; tgen++; ogen = tgen; ggen = tgen :: else -> goto away fi
			fi
		};
		if :: goto away :: skip fi;	/* killed */
		atomic { if :: old == gl :: else -> goto away fi; if :: fctr < FMAX :: else -> goto away fi;
			fctr++; P = fctr;
#ifndef BUG_SETTLEKEEP
			L = NONE;
#endif
			was = 0;
#ifndef BUG_SETTLEPHASE
			agreed = old; sent = 0; late = 0; rec[0] = 0; rec[1] = 0; confl = 0; dmgd = 0; exempt = 0; phase = tphase	/* with the fence that is about to go: who finds it there must find all the rest as well */
#else
			skip
#endif
		};
		if :: goto away :: skip fi;
		R = P;
		if :: goto away :: skip fi;
		atomic { if :: G == f -> G = P :: else -> goto away fi };
		if :: goto away :: skip fi;
#ifndef BUG_SETTLELOOK
		atomic { g = gl; f = G };
		if
		:: f == P && (g == agreed || contains(g, agreed))
		:: else -> goto away
		fi;
#endif
		atomic {
#ifdef BUG_SETTLEPHASE
			phase = tphase; agreed = old; sent = 0; late = 0; rec[0] = 0; rec[1] = 0; confl = 0; dmgd = 0;
#endif
			L = P; P = 0; gate = 0; stop = 0; seen = 1 };
away:		atomic { if :: lock == 5 -> lock = 0 :: else fi; if :: hold == 5 -> hold = 0 :: else fi }
	:: quiet || stb == 0 -> break
	od
}

/* a person who decides about a ref that waits (rule 7): for the side that has what was acknowledged */
proctype Release() {
	do
	:: atomic { rlb > 0 && waiting && !stop && lock == 0 && !busy && !zset && pushdone && dirdone && flips == OPS ->
			rlb--;
			if
			:: glhas -> exempt = 1; pb = pb + 1
			:: !glhas -> truth = old; gl = old; tgen++; ogen = tgen; ggen = tgen; pb = pb + 1
			fi
		}
	:: atomic { rlb > 0 && pushdone && dirdone && flips == OPS && pb == 0 && lock == 0 && !waiting -> rlb = 0 }
	:: atomic { rlb > 0 && stop -> rlb = 0 }
	:: rlb == 0 -> break
	od
}

proctype Env() {
	do
	:: atomic { zset && zr && gl == zb && gl != za -> wild = 1;	/* the agent keeps such a record for longer than this model */ if :: zi != AGENT -> take(zi, za, 0) :: else -> gl = za; ggen = zv fi; zset = 0 }
	:: atomic { zset && !zr && G == zfb -> G = zfa; zset = 0 }
	:: atomic { zset -> zset = 0 }
	:: atomic { !quiet && fcb > 0 && flips < OPS && (lock >= 10 || hold >= 10) -> fcb--; killF[0] = 1 }
	:: atomic { !quiet && fgb > 0 -> fgb--; if :: G = 0 :: G = 1 :: fctr > 1 -> G = 2 fi }
	:: atomic { !quiet && wpb > 0 && open -> wpb--; G = 0 }
#if LAG
	:: atomic { !quiet && (pgl != gl || pG != G) -> pgl = gl; pG = G }
#endif
#if RB
	:: atomic { !quiet && rbb > 0 -> rbb--; seen = 0; busy = 0; lock = 0; hold = 0; killP = 1; if :: !pushdone -> killU = 1 :: else fi; if :: flips < OPS -> killF[0] = 1 :: else fi }
#endif
#if SO
	:: atomic { !quiet && so > 0 && (to > 0 || tr > 0 || ts > 0) -> so--; ho = 1; s_old = old; s_ogen = ogen; s_R = R; s_phase = phase; s_agreed = agreed; s_sent = sent; s_late = late; s_L = L; s_P = P; s_was = was; s_stop = stop; s_gate = gate;
		s_rec[0] = rec[0]; s_rec[1] = rec[1]; s_ack[0] = ack[0]; s_ack[1] = ack[1]; s_rb[0] = rb[0]; s_rb[1] = rb[1]; s_ra[0] = ra[0]; s_ra[1] = ra[1]; s_confl = confl; s_dmgd = dmgd }
	:: atomic { !quiet && ho && to > 0 -> to--; old = s_old; ogen = s_ogen; R = s_R;
		phase = s_phase; agreed = s_agreed; sent = s_sent; late = s_late; L = s_L; P = s_P; was = s_was; stop = s_stop; gate = s_gate;
		rec[0] = s_rec[0]; rec[1] = s_rec[1]; ack[0] = s_ack[0]; ack[1] = s_ack[1]; rb[0] = s_rb[0]; rb[1] = s_rb[1]; ra[0] = s_ra[0]; ra[1] = s_ra[1]; confl = s_confl; dmgd = s_dmgd;
		seen = 0; busy = 0; lock = 0; hold = 0; killP = 1; if :: !pushdone -> killU = 1 :: else fi; if :: flips < OPS -> killF[0] = 1 :: else fi
#if OPS == 2
		; if :: flips < OPS -> killF[1] = 1 :: else fi
#endif
		}
	:: atomic { !quiet && ho && tr > 0 -> tr--; old = s_old; ogen = s_ogen; R = s_R }
	:: atomic { !quiet && ho && ts > 0 -> ts--;
		phase = s_phase; agreed = s_agreed; sent = s_sent; late = s_late; L = s_L; P = s_P; was = s_was; stop = s_stop; gate = s_gate;
		rec[0] = s_rec[0]; rec[1] = s_rec[1]; ack[0] = s_ack[0]; ack[1] = s_ack[1]; rb[0] = s_rb[0]; rb[1] = s_rb[1]; ra[0] = s_ra[0]; ra[1] = s_ra[1]; confl = s_confl; dmgd = s_dmgd }
#endif
#if SG
	:: atomic { !quiet && sg > 0 && tg > 0 -> sg--; hg = 1; s_gl = gl; s_ggen = ggen; s_G = G }
	:: atomic { !quiet && hg && tg > 0 -> tg--; gl = s_gl; ggen = (s_gl == truth -> tgen : s_ggen); G = s_G; zset = 0 }	/* a journey to what is true lost nothing */
#endif
	:: atomic { !quiet && tn > 0 -> tn--; if :: gl = 0 :: gl = 1
#if MAXV >= 3
		:: gl = 3
#endif
		fi; ggen = (gl == truth -> tgen : 98); G = 0; zset = 0 }	/* made anew and equal: nothing was lost, and people go on from there */
	:: quiet -> break
	od
}

init {
	atomic {
		run Push();
		if :: ND > 0 -> run Direct() :: else -> dirdone = 1 fi;
		if :: T1 != 0 -> run Flip(0);
#if OPS == 2
			run Flip(1)
#endif
		:: else -> flips = OPS fi;
		if :: ST > 0 -> run Settle() :: else fi;
		if :: RL > 0 -> run Release() :: else -> rlb = 0 fi;
		run Pass();
		run Env()
	}
}
