// Puts one job on the queue: HONGYAN_REDIS=127.0.0.1:6379 or /path/to/redis.sock go run producer.go
package main

import ("bufio"; "cmp"; "fmt"; "net"; "os"; "strings")

func main() {
	job := `{"v":1,"id":"` + cmp.Or(os.Getenv("HONGYAN_JOB"), "hello-go") + `","tenant":"acme","subject":"你好 {{ name }}","text":"Hello, {{ name }}",
		"from":{"address":"news@acme.example"},"recipients":{"list":[{"to":"li@acme.example","vars":{"name":"李"}}]}}`
	where, network := cmp.Or(os.Getenv("HONGYAN_REDIS"), "127.0.0.1:6379"), "tcp"
	if strings.HasPrefix(where, "/") { network = "unix" }
	redis, err := net.Dial(network, where)
	if err != nil { fmt.Fprintln(os.Stderr, err); os.Exit(1) }
	fmt.Fprintf(redis, "*5\r\n$4\r\nXADD\r\n$12\r\nhongyan:jobs\r\n$1\r\n*\r\n$3\r\njob\r\n$%d\r\n%s\r\n", len(job), job)
	reply, _ := bufio.NewReader(redis).ReadString('\n')
	if fmt.Print(reply); !strings.HasPrefix(reply, "$") { os.Exit(1) }
}
