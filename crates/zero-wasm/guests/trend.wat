;; The trend follower as a component, by hand: enters in the direction of a trend t-statistic, leaves when it is gone,
;; reverses when it turns, and says how far the statistic is from an entry. Assemble it with `wasm-tools parse trend.wat -o trend.wasm`.
(component
  (core module $m
    (memory (export "memory") 1)

    (data (i32.const 128) "trend")
    (data (i32.const 160) "Follows the trend of a week, leaves when it is gone.")
    (data (i32.const 272) "trend_t(168, 48)")
    (data (i32.const 288) "vol(48)")
    (data (i32.const 304) "trend_t")

    ;; Lists that the host passes in lie from 4096 on. A call has a fresh memory, so nothing is ever freed.
    (global $free (mut i32) (i32.const 4096))
    (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
      (local $at i32)
      (local.set $at
        (i32.and
          (i32.add (global.get $free) (i32.sub (local.get $align) (i32.const 1)))
          (i32.sub (i32.const 0) (local.get $align))))
      (global.set $free (i32.add (local.get $at) (local.get $size)))
      (local.get $at))

    ;; The description lies at 16; texts and lists are pairs of address and length.
    (func (export "describe") (result i32)
      (i32.store (i32.const 16) (i32.const 128)) (i32.store (i32.const 20) (i32.const 5))    ;; name
      (i32.store16 (i32.const 24) (i32.const 1))                                             ;; version
      (i32.store (i32.const 28) (i32.const 160)) (i32.store (i32.const 32) (i32.const 52))   ;; about
      (i32.store (i32.const 256) (i32.const 272)) (i32.store (i32.const 260) (i32.const 16)) ;; first input
      (i32.store (i32.const 264) (i32.const 288)) (i32.store (i32.const 268) (i32.const 7))  ;; second input
      (i32.store (i32.const 36) (i32.const 256)) (i32.store (i32.const 40) (i32.const 2))    ;; inputs
      (i32.store (i32.const 44) (i32.const 168))                                             ;; horizon-hours
      (i32.store (i32.const 48) (i32.const 0))                                               ;; cooldown-hours
      (i32.store8 (i32.const 52) (i32.const 0))                                              ;; sizing: risk
      (i32.store (i32.const 60) (i32.const 0)) (i32.store (i32.const 64) (i32.const 0))      ;; coins: all
      (i32.const 16))

    ;; A proposal lies at 512: its case, and from 520 on what the case carries.
    (func $nothing (result i32)
      (i32.store8 (i32.const 512) (i32.const 0))
      (i32.const 512))
    (func $enter (param $side i32) (param $score f64) (param $stop f64) (result i32)
      (i32.store8 (i32.const 512) (i32.const 2))
      (i32.store8 (i32.const 520) (local.get $side))
      (f64.store (i32.const 528) (local.get $score))
      (i32.store8 (i32.const 536) (i32.const 1)) (f64.store (i32.const 544) (local.get $stop))
      (i32.store8 (i32.const 552) (i32.const 0))
      (i32.const 512))
    (func $exit (param $why i32) (result i32)
      (i32.store8 (i32.const 512) (i32.const 3))
      (i32.store8 (i32.const 520) (local.get $why))
      (i32.const 512))

    ;; -- propose
    (func (export "propose")
      (param $now i64) (param $interval i64) (param $inputs i32) (param $count i32)
      (param $holds i32) (param $side i32) (param $hours f64) (param $unrealised f64)
      (result i32)
      (local $t f64) (local $sigma f64) (local $wants-in i32)
      (local.set $t (f64.load (local.get $inputs)))
      (local.set $sigma (f64.load offset=8 (local.get $inputs)))
      (local.set $wants-in (f64.ge (f64.abs (local.get $t)) (f64.const 1)))
      (if (local.get $holds)
        (then
          ;; The trend along the position is still there: keep it.
          (if (f64.gt
                (select (f64.neg (local.get $t)) (local.get $t) (local.get $side))
                (f64.const 0))
            (then (return (call $nothing))))
          (if (i32.eqz (local.get $wants-in)) (then (return (call $exit (i32.const 0))))))
        (else
          (if (i32.eqz (local.get $wants-in)) (then (return (call $nothing))))))
      (call $enter
        (select (i32.const 0) (i32.const 1) (f64.ge (local.get $t) (f64.const 0)))
        (f64.abs (local.get $t))
        ;; Three daily volatilities: sigma is per bar, and a day has 86,400e9 nanoseconds.
        (f64.mul
          (f64.mul (f64.const 3) (local.get $sigma))
          (f64.sqrt (f64.div (f64.const 86400e9) (f64.convert_i64_s (local.get $interval)))))))
    ;; -- end of propose

    ;; Conditions lie at 640, 40 bytes each; the list of both at 624.
    (func $condition (param $at i32) (param $side i32) (param $value f64) (param $threshold f64) (param $above i32)
      (i32.store (local.get $at) (i32.const 304))
      (i32.store offset=4 (local.get $at) (i32.const 7))
      (i32.store8 offset=8 (local.get $at) (local.get $side))
      (f64.store offset=16 (local.get $at) (local.get $value))
      (f64.store offset=24 (local.get $at) (local.get $threshold))
      (i32.store8 offset=32 (local.get $at) (local.get $above))
      (i32.store8 offset=33 (local.get $at) (i32.const 2)))    ;; unit: sigmas

    (func (export "explain")
      (param $now i64) (param $interval i64) (param $inputs i32) (param $count i32)
      (param $holds i32) (param $side i32) (param $hours f64) (param $unrealised f64)
      (result i32)
      (local $t f64)
      (local.set $t (f64.load (local.get $inputs)))
      (call $condition (i32.const 640) (i32.const 0) (local.get $t) (f64.const 1) (i32.const 1))
      (call $condition (i32.const 680) (i32.const 1) (local.get $t) (f64.const -1) (i32.const 0))
      (i32.store (i32.const 624) (i32.const 640))
      (i32.store (i32.const 628) (i32.const 2))
      (i32.const 624))
    ;; -- end of explain
  )

  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (alias core export $i "realloc" (core func $realloc))
  (alias core export $i "describe" (core func $describe))
  (alias core export $i "propose" (core func $propose))
  (alias core export $i "explain" (core func $explain))
  (type $side-type (enum "long" "short"))
  (export $side "side" (type $side-type))
  (type $sizing-type (variant (case "risk") (case "share" u32)))
  (export $sizing "sizing" (type $sizing-type))
  (type $description-type (record
    (field "name" string) (field "version" u16) (field "about" string) (field "inputs" (list string))
    (field "horizon-hours" u32) (field "cooldown-hours" u32) (field "sizing" $sizing) (field "coins" (list string))))
  (export $description "description" (type $description-type))
  (type $position-type (record (field "side" $side) (field "hours-held" f64) (field "unrealised" f64)))
  (export $position "position" (type $position-type))
  (type $view-type (record
    (field "now" s64) (field "interval" s64) (field "inputs" (list f64)) (field "position" (option $position))))
  (export $view "view" (type $view-type))
  (type $entry-type (record
    (field "side" $side) (field "score" f64) (field "stop" (option f64)) (field "target" (option f64))))
  (export $entry "entry" (type $entry-type))
  (type $leave-type (enum "signal" "kill"))
  (export $leave "leave" (type $leave-type))
  (type $unanswered-type (enum "undefined" "out-of-domain" "not-ready" "undecided" "other"))
  (export $unanswered "unanswered" (type $unanswered-type))
  (type $abstention-type (record (field "why" $unanswered) (field "code" u16)))
  (export $abstention "abstention" (type $abstention-type))
  (type $proposal-type (variant (case "nothing") (case "abstain" $abstention) (case "enter" $entry) (case "exit" $leave)))
  (export $proposal "proposal" (type $proposal-type))
  (type $unit-type (enum "number" "fraction" "sigmas" "hours" "bars" "usd"))
  (export $unit "unit" (type $unit-type))
  (type $condition-type (record
    (field "name" string) (field "side" $side) (field "value" f64) (field "threshold" f64) (field "above" bool)
    (field "unit" $unit)))
  (export $condition "condition" (type $condition-type))

  (func (export "describe") (result $description)
    (canon lift (core func $describe) (memory $memory)))
  (func (export "propose") (param "view" $view) (result $proposal)
    (canon lift (core func $propose) (memory $memory) (realloc $realloc)))
  (func (export "explain") (param "view" $view) (result (list $condition))
    (canon lift (core func $explain) (memory $memory) (realloc $realloc)))
)
