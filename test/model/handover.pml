/* handover.pml - the protocol of docs/design/ for one repository with one ref, as a model for SPIN 6 (spinroot.com).
 *
 * SPIN walks through every order in which pushers, passes, a change of phase, crashes and lost answers can take their steps.
 * Default build = the protocol: every configuration of `protocol` in configurations.ts must pass.
 * Each -DBUG_x puts in one tempting mistake (`mistakes` there): the run must then fail.
 *
 *   npm test -- model                            the quick configurations
 *   GIT_HANDOVER_MODEL=all npm test -- model     all of them
 *
 * Where the agent does something else than the lines below, and why that is no new behaviour:
 *   Its hold also ends when the process that owns it is dead. Here, `owner` is 0 from the flipper's death on, and Env may end
 *     a hold that is not the owner's at any time: at once as well. No configuration with FCRASH lets it live for a least time.
 *   Its pass treats as live every lease that had not ended before its look began: it reads the leases before both sides and
 *     again after them. Here, look() reads all leases in one atomic step before both sides, and each decision asks `anylive`
 *     once more when it is made. The agent reads them one by one, and counts what ended meanwhile as live: it waits where the
 *     model may act, and a pass that does nothing is always possible here. It acts where the model waits only after a push
 *     that was refused between its two readings; such a push wrote nothing to old.
 *
 * Values: 0 = absent, 1 = a root commit, 2 and 3 = two different children of 1.
 *   fast-forward or creation: 0->x, 1->2, 1->3.  Everything else is a rewind, a deletion or a forced update.
 *
 * Switches (budgets are small on purpose; run many small configurations)
 *   START=1|2|3 (mirror|both|refuse)   T1, T2 = targets of up to two phase changes (0 = none)
 *   NP=1|2 pushers to old   ND = direct pushes to GitLab (one person, one after another)   MAXV = largest value
 *   CRASH = kill -9 of a receive-pack (with its hook)   FCRASH = kill -9 of the flipper (it is then run again)
 *   PCRASH = a pass dies between two of its steps   LOST = requests to GitLab whose answer is lost
 *   (applied, not applied, or a zombie that GitLab applies later)   EXPIRE = holds that expire under a live flipper
 *   LIMIT = a push reaches the lease's time limit   REFUSALS = pushes refused by the repository's own hook
 *   DAMAGE = unwitnessed deletion/rewind on old   REVIVE = a deleted ref comes back on old, with a value that it had   PASSES = passes before quiescence
 *   UNHOOKED = pushes to old that no hook sees, in the open phases: git alone moves the ref, without lease and record
 *   NOHOOKS = and no push that a hook sees
 *   P6 = also check that nobody is told "failed" (CAS lost on old) when GitLab took the push
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
#ifndef NP
#define NP 2
#endif
#ifndef ND
#define ND 0
#endif
#ifndef MAXV
#define MAXV 2
#endif
#ifndef CRASH
#define CRASH 0
#endif
#ifndef FCRASH
#define FCRASH 0
#endif
#ifndef PCRASH
#define PCRASH 0
#endif
#ifndef LOST
#define LOST 0
#endif
#ifndef EXPIRE
#define EXPIRE 0
#endif
#ifndef LIMIT
#define LIMIT 0
#endif
#ifndef REFUSALS
#define REFUSALS 0
#endif
#ifndef DAMAGE
#define DAMAGE 0
#endif
#ifndef REVIVE
#define REVIVE 0
#endif
#ifndef PASSES
#define PASSES 1
#endif
#ifndef UNHOOKED
#define UNHOOKED 0
#endif

#define MIRROR 1
#define BOTH   2
#define REFUSE 3
#define NONE  0		/* lease states */
#define ENTER 1		/* written; phase not read yet */
#define WAIT  2		/* waits for a hold: does not count in a drain */
#define ACT   3		/* has read phase and epoch */
#define OK    1		/* answers of GitLab */
#define STALE 2
#define UNK   3
#define T_OK 1		/* what the client was told */
#define T_REFUSED 2
#define T_FAILED 3
#define T_UNKNOWN 4

byte old = 1, gl = 1, agreed = 1;
byte phase = START, epoch = 1, hold = 0;	/* one state file: read and written as a whole */
byte owner = 0;					/* ghost: the hold id of the live flipper */
bit  open = (START != MIRROR);
bit  conflict = 0, damaged = 0;			/* what `status` shows; both wait for an operator */
byte sent = 0;					/* bit v: the agent sent v to GitLab since both sides were last seen equal (written before sending) */
byte late = 0;					/* bit v: sent before that; may still land, but old has left it */
#if REVIVE
byte former = 0;				/* bit v: a value that the ref had before its deletion became agreed */
byte had = 2;					/* ghost: values that pushes gave to old */
#endif
byte debt = 0;					/* only for BUG_FOLD: folded debt, value+1 */
byte lock = 0;					/* the repository's lock: pass, level */

bit  rec[NP];  byte rb[NP], ra[NP];		/* witness records */
byte ls[NP];					/* leases */
bit  killed[NP], limited[NP], done[NP];
#if UNHOOKED
byte tried = 0;			/* bit v: a pass of the open phases sent v, which no hook saw; never sent again */
bit  urun = 0;			/* the answer to that is open: written before it is sent */
byte taken = 0;			/* bit v: the attic has it: a pass took v from old */
byte followed = 0;		/* bit v: a pass set old to v, or was about to, and what is agreed does not say so yet */
#endif
bit  killF = 0, flipdone = 0, dirdone = 0, inflight = 0, quiet = 0;

/* a request that GitLab will apply after everybody stopped waiting for it */
bit zset = 0; byte zb, za, zi;

/* budgets */
byte rvb = REVIVE, crashb = CRASH, fcrashb = FCRASH, pcrashb = PCRASH, lostb = LOST, expb = EXPIRE, limb = LIMIT, refb = REFUSALS, dmgb = DAMAGE, pb = PASSES;

/* ghosts: the chain of the authority */
byte truth = 1;			/* the value that the accepted updates give */
bit  applied[NP], seen[NP], settled[NP]; byte told[NP];
bit  replaced = 0;			/* damage took the accepted value from old, and a push put another one in its place that does not contain it */
#if UNHOOKED
bit  lone = 0, waslone = 0, uapplied = 0, udone = 0;	/* old's value came by a push that no hook saw, now, and when a pass looked; GitLab took it */
byte removed = 0, banned = 0;		/* bit v: a person took v from GitLab; and a pass then from old */
#endif
bit  excused = 0, dmg = 0, bad = 0;		/* damage happened; old's present value comes from damage */

#define bit_of(v)  (1 << (v))
#define isff(x,y)  (((x) == 0 && (y) != 0) || ((x) == 1 && (y) >= 2))
#define live(i)    (ls[i] != NONE && !killed[i] && !done[i] && !limited[i])
#define ended(i)   (rec[i] && !live(i))
#define edge(i,x,y) (ended(i) && rb[i] == (x) && ra[i] == (y))
/* a change x->y is witnessed if ended records lead from x to y */
#if NP == 2
#define path(x,y)  (edge(0,x,y) || edge(1,x,y) || (ended(0) && ended(1) && ((rb[0]==(x) && ra[0]==rb[1] && ra[1]==(y)) || (rb[1]==(x) && ra[1]==rb[0] && ra[0]==(y)))))
#define anylive    (blocks(0) || blocks(1))
#define pushdone   ((done[0] || killed[0]) && (done[1] || killed[1]))
#else
#define path(x,y)  edge(0,x,y)
#define anylive    (blocks(0))
#define pushdone   (done[0] || killed[0])
#endif
/* post-receive confirmed record i, but no records lead from its value to o, which does not contain it: old has lost an acknowledged update */
#define contains(o,v) ((v) == 1 && (o) >= 2)
#define lost(e,i,o) (e && rec[i] && ls[i] == NONE && ra[i] != (o) && !contains(o, ra[i]) && !path(ra[i], o))
#if NP == 2
#define MISSING(o) (lost(e0,0,o) || lost(e1,1,o))
#else
#define MISSING(o) lost(e0,0,o)
#endif
/* a ref that was deleted shows what it had then, or before: a lost unlink, a backup */
#if REVIVE && !defined(BUG_REVIVE)
#define cameback(g,o) ((g) == 0 && (((former >> (o)) & 1) || ((o) == 1 && (former >> 2) != 0)))
#else
#define cameback(g,o) 0
#endif
/* records lead to a value, or it is a plain step forward; and nothing acknowledged is missing from it */
#define sound(g,o) (((isff(g,o) && !cameback(g,o)) || path(g,o)) && !MISSING(o))
/* a mirror pass's own doing, now or late: any other value somebody else wrote to a closed GitLab */
#ifndef BUG_SENT
#define ours(g,a,o) ((g) == (a) || (g) == (o) || (((sent|late) >> (g)) & 1))
#else
#define ours(g,a,o) 1
#endif
/* known limit: receive-pack killed between its ref update and post-receive, AND damage to that ref before the next pass */
#define cut(i)     (killed[i] && applied[i] && ls[i] == ACT)
#if NP == 2
#define twofaults  (dmg && (cut(0) || cut(1)))
#else
#define twofaults  (dmg && cut(0))
#endif
/* P4's only exception: a push that was not refused asked for exactly this value, and no pass has since seen both sides equal */
#define asked(i,v)  (ended(i) && !settled[i] && told[i] != T_REFUSED && ra[i] == (v))
#if NP == 2
#define unknownrec(v) (asked(0,v) || asked(1,v))
#else
#define unknownrec(v) asked(0,v)
#endif
#ifdef BUG_WAITLEASE
#define blocks(i)  live(i)
#else
#define blocks(i)  (live(i) && ls[i] != WAIT)
#endif
#if NP == 2
#define drained    (!blocks(0) && !blocks(1))
#else
#define drained    (!blocks(0))
#endif

#if UNHOOKED
#define LONE NP+1	/* whose request it is */
#define lonedone udone
#if NP == 2
#define byrecord(o) ((e0 && rec[0] && ra[0] == (o)) || (e1 && rec[1] && ra[1] == (o)))
#define cameby (anylive || (rec[0] && !e0) || (rec[1] && !e1))
#else
#define byrecord(o) (e0 && rec[0] && ra[0] == (o))
#define cameby (anylive || (rec[0] && !e0))
#endif
/* a push was on the ref at some time of the look: also one that began and ended in it */
#ifdef BUG_UMOVING
#define moving (nl || anylive)
#else
#define moving (nl || cameby)
#endif
#ifdef BUG_URECORD
#define unhooked(o) ((o) != agreed)
#else
#ifdef BUG_UFOLLOW
#define unhooked(o) ((o) != agreed && !byrecord(o))
#else
#define unhooked(o) ((o) != agreed && !byrecord(o) && !((followed >> (o)) & 1))
#endif
#endif
#ifdef BUG_UPHASE
#define sendphase (ph != MIRROR)
#else
#define sendphase (ph == BOTH)
#endif
#ifdef BUG_UTAKEN
#define wastaken(v) 0
#else
#define wastaken(v) ((taken >> (v)) & 1)
#endif
#ifdef BUG_UAGAIN
#define wastried(v) (((tried >> (v)) & 1) && urun && zset)
#else
#define wastried(v) ((tried >> (v)) & 1)
#endif
#define maysend (sendphase && !moving && g != 0 && g == agreed && isff(g, o) && unhooked(o) && !wastaken(o) && !wastried(o))
/* it may still land: nobody puts it away yet */
#define maycome (urun && zset && ((tried >> o) & 1))
/* the sides are level now: what the records of ended pushes say is agreed */
#define waitsfor(i) (zset && zi == (i))
#define nolonely lone = 0
#else
#define lonedone 1
#define nolonely skip
#endif

inline agree(v) {
#if REVIVE
	former = (agreed != 0 && v == 0 -> former | bit_of(agreed) : former);
#endif
	agreed = v
}

/* what the records of a deleted ref say that it had, before they go */
inline remember(o) {
#if REVIVE
	if
	:: o == 0 ->
		if :: e0 && rec[0] -> former = former | bit_of(rb[0]) | bit_of(ra[0]) :: else fi;
#if NP == 2
		if :: e1 && rec[1] -> former = former | bit_of(rb[1]) | bit_of(ra[1]) :: else fi;
#endif
		former = former & 254
	:: else
	fi
#else
	skip
#endif
}

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

/* GitLab takes the update of push i (i == NP: that of a mirror pass) */
inline take(i, a) {
#if UNHOOKED
	if
	:: i == LONE ->
		assert(phase == BOTH);		/* P5: not in a phase that closed meanwhile */
		assert(isff(gl, a));		/* P2: nobody's push is overwritten */
		assert(!uapplied);		/* P1: one update is not applied twice */
		assert(!((banned >> a) & 1));	/* what a person removed does not come back by a pass */
		uapplied = 1; truth = a
	:: else
	fi;
#endif
	gl = a;
	if
	:: i < NP && phase != MIRROR ->
		assert(!applied[i]);	/* P1: one update is not applied twice */
		applied[i] = 1; truth = a
	:: else
	fi
}

/* one request to GitLab: compare-and-set, or an answer that never comes. Call inside atomic. */
inline gitlab(i, b, a, res) {
	if
	:: gl == a -> res = OK; if :: i < NP -> seen[i] = 1 :: else fi	/* up to date; a repeated delete */
	:: gl != a && gl == b -> take(i, a); res = OK
	:: gl != a && gl != b -> res = STALE
	:: lostb > 0 && !quiet -> lostb--; res = UNK;
		if
		:: gl == b && gl != a -> take(i, a)		/* applied, answer lost */
		:: skip						/* never arrived */
		:: !zset -> zset = 1; zb = b; za = a; zi = i	/* arrives later */
		fi
	fi
}

proctype Push(byte i) {
	byte b, a, ph, ep, res;
	{
	atomic { b = old; choose(b, a) }	/* `before` is what receive-pack advertised on this connection */
#ifdef BUG_READFIRST
	atomic { ph = phase; ep = epoch; if :: hold != 0 -> (hold == 0); ph = phase; ep = epoch :: else fi }
	atomic { rb[i] = b; ra[i] = a; rec[i] = 1; ls[i] = ACT }
#else
enter:	atomic { rb[i] = b; ra[i] = a; rec[i] = 1; ls[i] = ENTER }	/* lease and witness first */
	if
	:: atomic { hold == 0 -> ph = phase; ep = epoch; ls[i] = ACT }
	:: atomic { hold != 0 -> ls[i] = WAIT };
		(hold == 0); goto enter				/* start again: lease first */
	fi;
#endif
	/* the repository's own hooks, receive.deny*, the chained update hook */
	if
	:: skip
	:: atomic { refb > 0 -> refb--; goto refused }
	fi;
	if
	:: ph == REFUSE -> goto refused
	:: ph == MIRROR -> skip
	:: ph == BOTH ->
		sent = sent | bit_of(a);
fwd:		atomic { gitlab(i, b, a, res) };
		if
		:: res == OK
		:: res == STALE -> goto refused			/* the heal is a pass: it may run at any time */
		:: res == UNK ->
#ifdef BUG_RESEND
			goto fwd
#else
			if	/* never send twice: look, until the deadline */
			:: atomic { gl == a -> seen[i] = 1 }
			:: told[i] = T_UNKNOWN; goto out
			fi
#endif
		fi
	fi;
	/* receive-pack: local compare-and-set, under git's own ref lock */
	atomic {
		if
		:: old == b ->
#ifndef NOP5
			assert(ep == epoch);				/* P5 */
#endif
			old = a; bad = 0; nolonely;
#if REVIVE
			had = had | bit_of(a);
#endif
			if
			:: ph == MIRROR && phase == MIRROR ->
				if :: b != truth && a != truth && !isff(truth, a) -> replaced = 1 :: else fi;
				truth = a; applied[i] = 1
			:: else
			fi
		:: else ->
#ifdef P6
			assert(!applied[i]);
#endif
			told[i] = T_FAILED; goto out			/* post-receive does not run */
		fi
	};
	atomic { told[i] = T_OK; assert(applied[i] || seen[i]) };	/* P1. git answers before post-receive */
#ifdef BUG_FOLD
	if :: ph == MIRROR -> debt = a + 1 :: else fi;
	atomic { rec[i] = 0; ls[i] = NONE };
#else
	ls[i] = NONE;		/* post-receive: the record, now ended, is the debt */
#endif
#ifdef BUG_ROW2
	if :: ph == BOTH -> agreed = a :: else fi;
#endif
	goto out;
refused: atomic {
		told[i] = T_REFUSED;
#ifndef BUG_WITNESS
		rec[i] = 0;
#endif
		ls[i] = NONE
	};
out:	skip
	} unless { killed[i] };
	done[i] = 1
}

/* ---- the look of a pass: which records had ended, then old, then GitLab ---- */
inline look() {
#ifdef BUG_GLFIRST
	g = gl;
#endif
	atomic { nl = anylive; e0 = ended(0);
#if NP == 2
		e1 = ended(1)
#endif
	};
	atomic { o = old; odr = bad;
#if UNHOOKED
		waslone = lone
#endif
	};
#ifndef BUG_GLFIRST
	g = gl;
#endif
}
inline maydie() {
	if
	:: skip
	:: atomic { pcrashb > 0 && !quiet -> pcrashb--; goto gone }
	fi
}
inline passbody() {
	ph = phase;
	if
	:: ph == MIRROR && !conflict && !damaged ->
#ifdef BUG_FOLD
		/* mistake: each debt is sent by itself with a lease on agreed */
		if
		:: debt != 0 -> atomic { o = debt - 1; debt = 0; odr = 0; r = 1 }
		:: debt == 0 -> look();
			if
			:: o == agreed -> r = 0
			:: else -> atomic { if :: isff(agreed, o) || path(agreed, o) -> r = 1 :: else -> if :: anylive -> r = 2 :: else -> r = 3 fi fi }
			fi
		fi;
#else
		look();
		if
		:: o == agreed && g == agreed -> r = 0;
			atomic {	/* settle: drop the records that had ended before the look, if nobody pushes to the ref */
				if
#ifndef BUG_NOSETTLE
				:: nl -> skip
				:: !nl && MISSING(o) -> if :: anylive || old != o :: else -> damaged = 1 fi	/* an acknowledged value is gone */
				:: !nl && !MISSING(o) ->
#else
				:: true ->
#endif
				if :: bad && unknownrec(o) -> excused = 1 :: else fi;
				if :: e0 -> settled[0] = 1 :: else fi;
#if NP == 2
				if :: e1 -> settled[1] = 1 :: else fi;
#endif
				late = late | sent; sent = 0; remember(o);
#ifndef BUG_NODROP
				if :: e0 -> rec[0] = 0 :: else fi;
#if NP == 2
				if :: e1 -> rec[1] = 0 :: else fi
#endif
#endif
				fi
			}
		:: o == agreed && g != agreed ->
#ifndef BUG_SENT
			if
			:: (sent >> g) & 1 -> maydie(); agree(g); r = 0	/* our own try did land */
			:: !((sent >> g) & 1) && ((late >> g) & 1) -> r = 1	/* a late landing: send old's value again */
			:: else -> conflict = 1; r = 0
			fi
#else
			conflict = 1; r = 0
#endif
		:: o != agreed ->
			atomic {
				if
				:: sound(agreed, o) && ours(g, agreed, o) -> r = 1
				:: sound(agreed, o) && !ours(g, agreed, o) -> conflict = 1; r = 0	/* known without asking */
				:: else -> if :: anylive || old != o -> r = 2 :: else -> r = 3 fi	/* changed since the look: next pass */
				fi
			}
		fi;
#endif
		if
		:: r == 0 || r == 2
		:: r == 3 -> damaged = 1
		:: r == 1 ->
			sent = sent | bit_of(o); maydie();
			atomic {
				if
				:: odr && o != agreed && !isff(agreed, o) -> assert(unknownrec(o)); excused = 1	/* P4 */
				:: else
				fi;
#ifndef BUG_SENT
				if
				:: !((sent >> g) & 1) && ((late >> g) & 1)	/* the lease: a value that landed late, else agreed */
				:: else -> g = agreed
				fi;
#else
				g = agreed;
#endif
				gitlab(NP, g, o, res); g = gl
			};
			maydie();
			if
			:: res == OK -> agree(o)
			:: res == UNK
			:: res == STALE ->
#ifndef BUG_SENT
				if
				:: (sent >> g) & 1 -> agree(g)			/* our own try did land */
				:: !((sent >> g) & 1) && (g == agreed || ((late >> g) & 1))	/* next pass */
				:: else -> conflict = 1
				fi
#else
				conflict = 1
#endif
			fi
		fi
	:: ph != MIRROR ->
		look(); maydie();
#ifdef BUG_ROW2
		/* mistake: agreed decides, although it is not written together with the refs */
		if
		:: o == g || anylive
		:: !(o == g || anylive) && agreed == g && agreed != o ->
			if
			:: isff(g, o) -> atomic { if :: gl == g -> gl = o :: else fi }; maydie(); agreed = o
			:: else -> atomic { if :: old == o -> old = g; bad = 0 :: else fi }
			fi
		:: !(o == g || anylive) && !(agreed == g && agreed != o) ->
			atomic { if :: old == o -> old = g; bad = 0 :: else fi }; maydie(); agreed = g
		fi
#else
#if UNHOOKED
		/* A push that no hook saw: to GitLab once, or to the attic. Then GitLab wins. What is agreed, and the records, wait for
		 * the next look, which finds both sides level: by then the fence has moved. */
		if
		:: o != g && maycome
		:: o != g && !maycome && maysend ->
			assert(waslone);		/* the agent takes nothing else for one */
#ifndef BUG_UTRY
			atomic { urun = 1; tried = tried | bit_of(o) };
#endif
			maydie();
			atomic {
#ifdef BUG_UCAS
				g = gl;
#endif
				gitlab(LONE, g, o, res);
				if :: res == UNK -> skip :: else -> urun = 0 fi
			}
		:: o != g && !maycome && !maysend ->
			atomic { if :: !moving -> r = 1; if :: o != 0 && !contains(g, o) -> taken = taken | bit_of(o) :: else fi; followed = (followed & bit_of(o)) | bit_of(g) :: else -> r = 0 fi };
			maydie();
			if
			:: r == 1 -> atomic {
				if
				:: old == o ->
					banned = ((removed >> o) & 1 -> banned | bit_of(o) : banned);
					old = g; bad = 0; lone = 0
				:: else -> r = 0
				fi };
				maydie();
				if :: r == 1 -> agree(g) :: else fi
			:: else
			fi
		:: o == g -> agree(g); followed = 0; maydie();
			atomic {
				if
				:: !nl ->
					if :: e0 && !waitsfor(0) -> rec[0] = 0 :: else fi;
#if NP == 2
					if :: e1 && !waitsfor(1) -> rec[1] = 0 :: else fi
#endif
				:: else
				fi
			}
		fi
#else
		/* GitLab always wins */
		if
#ifdef BUG_HEAL
		:: o != g ->
#else
		:: o != g && !anylive ->
#endif
			atomic { if :: old == o -> old = g; bad = 0 :: else fi }
		:: else
		fi;
		maydie(); agree(g)
#endif
#endif
	:: else
	fi
}

/* the same pass, quiet and in one piece */
inline final_body() {
	o = old; g = gl; e0 = ended(0);
#if NP == 2
	e1 = ended(1);
#endif
	if
	:: ph == MIRROR && !conflict && !damaged ->
#ifdef BUG_FOLD
		if
		:: debt != 0 -> o = debt - 1; debt = 0; r = 1
		:: else -> r = (o == agreed -> 0 : ((isff(agreed,o) || path(agreed,o)) -> 1 : 3))
		fi;
#else
		if
		:: o == agreed && g == agreed -> r = 0;
#ifndef BUG_NOSETTLE
			if
			:: MISSING(o) -> damaged = 1
			:: else -> if :: bad && unknownrec(o) -> excused = 1 :: else fi;
				remember(o); rec[0] = 0; late = late | sent; sent = 0;
#if NP == 2
				rec[1] = 0
#endif
			fi
#endif
#ifndef BUG_SENT
		:: o == agreed && g != agreed && ((sent >> g) & 1) -> agree(g); r = 0
		:: o == agreed && g != agreed && !((sent >> g) & 1) && ((late >> g) & 1) -> r = 1
		:: o == agreed && g != agreed && !(((sent|late) >> g) & 1) -> conflict = 1; r = 0
#else
		:: o == agreed && g != agreed -> conflict = 1; r = 0
#endif
		:: o != agreed && sound(agreed,o) && !ours(g, agreed, o) -> conflict = 1; r = 0
		:: o != agreed && !(sound(agreed,o) && !ours(g, agreed, o)) -> r = (sound(agreed,o) -> 1 : 3)
		fi;
#endif
		if
		:: r == 3 -> damaged = 1
		:: r == 1 ->
			if
			:: bad && o != agreed && !isff(agreed, o) -> assert(unknownrec(o)); excused = 1	/* P4 */
			:: else
			fi;
			if
			:: gl == o -> agree(o)
			:: gl != o && gl == agreed -> gl = o; agree(o)
#ifndef BUG_SENT
			:: gl != o && gl != agreed && ((sent >> gl) & 1) -> agree(gl)
			:: gl != o && gl != agreed && !((sent >> gl) & 1) && ((late >> gl) & 1) -> gl = o; agree(o)
			:: gl != o && gl != agreed && !(((sent|late) >> gl) & 1) -> conflict = 1
#else
			:: gl != o && gl != agreed -> conflict = 1
#endif
			fi
		:: else
		fi
	:: ph != MIRROR ->
#ifdef BUG_ROW2
		if
		:: o == g
		:: o != g && agreed == g && isff(g, o) -> gl = o; agreed = o
		:: o != g && !(agreed == g && isff(g, o)) -> old = g; agreed = g
		fi
#else
		old = g; agree(g); bad = 0
#endif
	:: else
	fi
}

proctype Pass() {
	byte o, g, ph, res, r; bit e0, e1, nl, odr;
	do
	:: pb > 0 ->
#ifndef BUG_LOCK
		atomic { lock == 0 && pb > 0 -> lock = 1; pb-- };
#else
		pb--;
#endif
		passbody();
gone:		atomic { if :: lock == 1 -> lock = 0 :: else fi }
	:: atomic { pushdone && flipdone && dirdone && lonedone && !zset -> quiet = 1; break }
	od;
	/* pushes have stopped, both sides are healthy: everything must converge */
	byte n = 3;	/* one pass is not enough: mirror may need three: */
	do
	:: atomic { n > 0 -> n--; r = 0; ph = phase; final_body() }
	:: n == 0 -> break
	od;
	atomic {
		assert(!conflict);				/* P3: nobody but the agent wrote to a closed GitLab */
		assert(!damaged || dmg);			/* P3: no false alarm */
		assert(damaged || old == gl);			/* P3 */
		if
		:: phase == MIRROR -> assert(damaged || excused || twofaults || old == truth);	/* P1, P2 */
			assert(damaged || excused || twofaults || !replaced)	/* P1 */
		:: else -> assert(excused || gl == truth)
		fi
	}
}

proctype Flip() {
	byte o, g, ph, res, r, t, my = 1, tries; bit e0, e1, nl, odr;
	t = T1;
start:	{
	if
	:: t == 0 -> goto fin
	:: t != 0 && phase == t -> goto opens		/* repeating a finished move only repeats what follows the switch */
	:: else
	fi;
	owner = my;
	if
	:: t == MIRROR -> open = 0;
#ifndef BUG_GRACE
		(!inflight)				/* still `both`, GitLab closed: let the last direct pushes end */
#endif
	:: else
	fi;
	atomic { hold == 0 -> hold = my };
	if
	:: drained
	:: hold != my -> goto fail			/* the hold expired */
	fi;
#ifndef BUG_LOCK
	if
	:: atomic { lock == 0 -> lock = 2 }
	:: hold != my -> goto fail
	fi;
#endif
	tries = 2;
	do					/* level */
	:: tries > 0 -> tries--; passbody()
	:: tries == 0 -> break
	od;
gone:
#ifndef BUG_ZOMBIE
	if						/* no unanswered request may be young */
#if UNHOOKED && defined(BUG_ULAND)
	:: zset && zi == LONE
#endif
#if UNHOOKED
	:: zset && zi == LONE && !urun		/* whoever does not write it down does not know of it */
#endif
	:: !zset
	:: hold != my -> goto fail
	fi;
#endif
	/* compare every ref */
	look();
	if
	:: o == g && !conflict && !damaged && hold == my
	:: else -> goto fail
	fi;
	agree(o);
#ifdef BUG_FENCE
	atomic { phase = t; epoch++ };
	if :: hold == my -> hold = 0 :: else fi;
#else
	atomic {
		if
		:: hold == my ->
			if
			:: t == MIRROR -> late = late | sent; sent = 0; remember(o);	/* records of the time before are settled */
				if :: ended(0) -> rec[0] = 0; settled[0] = 1 :: else fi;
#if NP == 2
				if :: ended(1) -> rec[1] = 0; settled[1] = 1 :: else fi
#endif
			:: else
			fi;
#if UNHOOKED
			/* git alone moved old between the last look and the switch: mirror takes what goes forward, and lists the rest */
			if :: lone && old != gl -> excused = 1; dmg = 1 :: else fi;
#endif
			phase = t; epoch++; hold = 0;	/* switch and release: one rename, under the state lock */
			assert(old == gl || dmg)
		:: else -> goto fail
		fi
	};
#endif
opens:	if :: t != MIRROR -> open = 1 :: else fi;
	atomic { if :: lock == 2 -> lock = 0 :: else fi };
	if
	:: T2 != 0 && t != T2 -> t = T2; atomic { my++; goto start }
	:: else -> goto fin
	fi;
fail:	atomic { if :: hold == my -> hold = 0 :: else fi; if :: lock == 2 -> lock = 0 :: else fi };
fin:	skip
	} unless { killF };
	if
	:: atomic { killF -> killF = 0; owner = 0; my++; if :: lock == 2 -> lock = 0 :: else fi; goto start }	/* the operator runs it again */
	:: else
	fi;
	atomic { owner = 0; flipdone = 1 }
}

/* a person who pushes straight to GitLab */
proctype Direct() {
	byte b, a, k = ND;
	do
	:: k > 0 -> k--;
		atomic { b = gl; choose(b, a) };
		if
		:: atomic { open -> inflight = 1 };		/* GitLab checks the protection here */
			atomic {
				if
				:: gl == b ->
#if UNHOOKED
					removed = (b != 0 && !contains(a, b) -> removed | bit_of(b) : removed);
#endif
					gl = a;
					assert(phase != MIRROR);	/* P2: acknowledged on the side that is not the authority */
					truth = a
				:: else
				fi;
				inflight = 0
			}
		:: !open
		fi
	:: k == 0 -> break
	od;
	dirdone = 1
}

#if UNHOOKED
/* a person for whom git on old runs no hooks */
proctype Alone() {
	byte b, a, k = UNHOOKED;
	do
	:: k > 0 -> k--;
		atomic { b = old; choose(b, a) };
		atomic { if :: old == b && phase != MIRROR -> old = a; lone = 1; uapplied = 0 :: else fi }
	:: k == 0 -> break
	od;
	udone = 1
}
#endif

proctype Env() {
	do
	:: atomic { !quiet && crashb > 0 && !done[0] && !killed[0] -> crashb--; killed[0] = 1 }
#if NP == 2
	:: atomic { !quiet && crashb > 0 && !done[1] && !killed[1] -> crashb--; killed[1] = 1 }
#endif
	:: atomic { !quiet && fcrashb > 0 && !flipdone && owner != 0 -> fcrashb--; killF = 1 }
	:: atomic { hold != 0 && hold != owner -> hold = 0 }		/* the hold of a dead flipper runs out */
	:: atomic { hold != 0 && expb > 0 -> expb--; hold = 0 }		/* the hold of a slow flipper runs out */
	:: atomic { !quiet && limb > 0 && live(0) -> limb--;
#ifdef BUG_LIMIT
		limited[0] = 1
#else
		killed[0] = 1		/* kill first, then the lease has ended */
#endif
		}
	:: atomic { zset && gl == zb && gl != za -> take(zi, za); zset = 0 }
	:: atomic { zset -> zset = 0 }
	:: atomic { !quiet && dmgb > 0 && old != 0 -> dmgb--; dmg = 1; bad = 1; if :: old = 0 :: old >= 2 -> old = 1 fi }
#if REVIVE
	:: atomic { !quiet && rvb > 0 && old == 0 -> rvb--; dmg = 1; bad = 1; if :: old = 1 :: (had >> 2) & 1 -> old = 2 :: (had >> 3) & 1 -> old = 3 fi }
#endif
	:: quiet -> break
	od
}

init {
	atomic {
#ifdef NOHOOKS
		done[0] = 1;
#else
		run Push(0);
#endif
#if NP == 2
		run Push(1);
#endif
#if UNHOOKED
		run Alone();
#endif
		if :: ND > 0 -> run Direct() :: else -> dirdone = 1 fi;
		if :: T1 != 0 -> run Flip() :: else -> flipdone = 1 fi;
		run Pass();
		run Env()
	}
}
