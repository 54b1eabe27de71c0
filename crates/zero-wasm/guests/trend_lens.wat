;; The lens of the week's trend as a component, by hand: a long is expected to return a little in the direction of the trend's
;; t-statistic. Assemble it with `wasm-tools parse trend_lens.wat -o trend_lens.wasm`.
(component
  (core module $m
    (memory (export "memory") 1)

    (data (i32.const 128) "trend_guest")
    (data (i32.const 160) "Expects the week's trend to go on a little.")
    (data (i32.const 272) "trend_t(168, 48)")

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
      (i32.store (i32.const 16) (i32.const 128)) (i32.store (i32.const 20) (i32.const 11))   ;; name
      (i32.store16 (i32.const 24) (i32.const 1))                                             ;; version
      (i32.store (i32.const 28) (i32.const 160)) (i32.store (i32.const 32) (i32.const 43))   ;; about
      (i32.store (i32.const 256) (i32.const 272)) (i32.store (i32.const 260) (i32.const 16)) ;; its one input
      (i32.store (i32.const 36) (i32.const 256)) (i32.store (i32.const 40) (i32.const 1))    ;; inputs
      (i32.store (i32.const 44) (i32.const 3600))                                            ;; max-age-seconds
      (i32.const 16))

    ;; An opinion lies at 512: its case, and from 520 on what the case carries.
    (func $abstain (param $why i32) (param $code i32) (result i32)
      (i32.store8 (i32.const 512) (i32.const 0))
      (i32.store8 (i32.const 520) (local.get $why))
      (i32.store16 (i32.const 522) (local.get $code))
      (i32.const 512))
    (func $estimate (param $mean f64) (param $stderr f64) (result i32)
      (i32.store8 (i32.const 512) (i32.const 1))
      (f64.store (i32.const 520) (local.get $mean))
      (f64.store (i32.const 528) (local.get $stderr))
      (i32.const 512))

    ;; -- evaluate
    (func (export "evaluate") (param $interval i64) (param $inputs i32) (param $count i32) (result i32)
      (call $estimate
        (f64.mul
          (f64.const 0.03)
          (f64.max (f64.const -3) (f64.min (f64.const 3) (f64.load (local.get $inputs)))))
        (f64.const 0.1)))
    ;; -- end of evaluate
  )

  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (alias core export $i "realloc" (core func $realloc))
  (alias core export $i "describe" (core func $describe))
  (alias core export $i "evaluate" (core func $evaluate))
  (type $description-type (record
    (field "name" string) (field "version" u16) (field "about" string) (field "inputs" (list string))
    (field "max-age-seconds" u32)))
  (export $description "lens-description" (type $description-type))
  (type $view-type (record (field "interval" s64) (field "inputs" (list f64))))
  (export $view "lens-view" (type $view-type))
  (type $unanswered-type (enum "undefined" "out-of-domain" "not-ready" "undecided" "other"))
  (export $unanswered "unanswered" (type $unanswered-type))
  (type $abstention-type (record (field "why" $unanswered) (field "code" u16)))
  (export $abstention "abstention" (type $abstention-type))
  (type $estimate-type (record (field "mean" f64) (field "stderr" f64)))
  (export $estimate "estimate" (type $estimate-type))
  (type $opinion-type (variant (case "abstain" $abstention) (case "estimate" $estimate)))
  (export $opinion "opinion" (type $opinion-type))

  (func (export "describe") (result $description)
    (canon lift (core func $describe) (memory $memory)))
  (func (export "evaluate") (param "view" $view) (result $opinion)
    (canon lift (core func $evaluate) (memory $memory) (realloc $realloc)))
)
